// The few calls of MPI that this package needs. MPI's constants are macros that Swift cannot read.
//
// Without the package trait MPI the functions do not exist, and the module needs no Open MPI.

#pragma once

#ifdef __cplusplus
extern "C" {
#endif

#include <stddef.h>

/// The process among those that mpirun has started.
struct mpi_bridge_world {
  int rank;
  int count;
  /// True if all processes run on one host.
  int one_host;
};

/// What mpi_bridge_start found.
enum mpi_bridge_start_result {
  mpi_bridge_started,
  /// MPI_Init_thread has failed.
  mpi_bridge_no_world,
  /// The library does not allow calls from several threads at a time.
  mpi_bridge_no_threads,
};

/// Starts MPI, and a thread that watches the previous process: if that shows no sign of life for
/// `seconds`, it writes one line to standard error and ends all processes. Called once.
enum mpi_bridge_start_result mpi_bridge_start(struct mpi_bridge_world *world, double seconds);

/// The host of a process, valid to the end.
const char *mpi_bridge_host(int rank);

/// Starts a message on channel 0 or 1, and returns its request.
void *mpi_bridge_send(const void *bytes, size_t count, int rank, int channel);
void *mpi_bridge_receive(void *bytes, size_t count, int rank, int channel);
/// Waits for a message. On channel 1 the thread sleeps in between, since it works beside others.
void mpi_bridge_wait(void *request, int channel);

/// Maps memory that all processes see, filled with zeros; NULL if they do not run on one host, or if one of them
/// cannot map it. All call it once, after mpi_bridge_start.
///
/// The memory has the size of the host, `bytes`, and takes none of it before it is used.
void *mpi_bridge_share(size_t *bytes);
/// Takes a part of this memory from the host; false if the host has none left.
int mpi_bridge_reserve(void *start, size_t bytes);

/// Tells all processes a number of this one, and learns theirs.
///
/// Returns false if not all processes have called it within `seconds`; it waits without end if
/// `seconds` is 0.
int mpi_bridge_agree(int number, int *numbers, double seconds);

/// Ends MPI. All processes have called mpi_bridge_agree before.
void mpi_bridge_end(void);

/// Ends all processes.
_Noreturn void mpi_bridge_abort(int status);

#ifdef __cplusplus
}
#endif
