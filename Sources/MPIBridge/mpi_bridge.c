#include "MPIBridge.h"

#ifdef WITH_MPI

#include <mpi.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { channels = 2, host_length = 64, beat_milliseconds = 250, most_start_seconds = 60 };

static int own_rank, world_count;
static char (*hosts)[host_length];
/// Messages of the channels, signs of life, and the last agreement never wait for each other.
static MPI_Comm channel_comm[channels], beat_comm, agreement_comm;

static pthread_t watcher;
static volatile int watcher_stops;
static int most_missed_beats;
static volatile int has_started;

static void pause_for(long microseconds) {
  struct timespec time = {microseconds / 1000000, microseconds % 1000000 * 1000};
  nanosleep(&time, NULL);
}

// MARK: Signs of life

/// Sends a sign of life to the next process, and expects those of the previous one.
///
/// The time is counted in rounds of this thread and not by the clock: a job that was suspended as a whole
/// goes on afterwards.
static void *watch(void *unused) {
  (void)unused;
  const int next = (own_rank + 1) % world_count;
  const int previous = (own_rank + world_count - 1) % world_count;
  char sent = 0, received;
  MPI_Request send = MPI_REQUEST_NULL, receive;
  MPI_Irecv(&received, 1, MPI_CHAR, previous, 0, beat_comm, &receive);
  int missed = 0;
  while (!watcher_stops) {
    int done;
    MPI_Test(&send, &done, MPI_STATUS_IGNORE);
    if (done) MPI_Isend(&sent, 1, MPI_CHAR, next, 0, beat_comm, &send);
    missed += 1;
    MPI_Test(&receive, &done, MPI_STATUS_IGNORE);
    while (done) {
      missed = 0;
      MPI_Irecv(&received, 1, MPI_CHAR, previous, 0, beat_comm, &receive);
      MPI_Test(&receive, &done, MPI_STATUS_IGNORE);
    }
    if (missed > most_missed_beats) {
      fprintf(
          stderr,
          "error: rank %d on %s has shown no sign of life for %d s; the job ends. Go on from its last "
          "checkpoint by --resume.\n",
          previous, hosts[previous], missed * beat_milliseconds / 1000);
      fflush(stderr);
      mpi_bridge_abort(1);
    }
    for (int i = 0; i < 5 && !watcher_stops; i++) pause_for(beat_milliseconds * 200);
  }
  MPI_Cancel(&receive);
  MPI_Request_free(&receive);
  if (send != MPI_REQUEST_NULL) MPI_Request_free(&send);
  return NULL;
}

// MARK: Start and end

/// Ends this process, and so the job, if MPI does not start: another process may have stopped before it
/// could be watched.
static void *watch_start(void *unused) {
  (void)unused;
  for (int second = 0; second < most_start_seconds; second++) {
    for (int i = 0; i < 10; i++) {
      pause_for(100000);
      if (has_started) return NULL;
    }
  }
  fprintf(
      stderr, "error: the processes have not started together within %d s; the job ends.\n",
      most_start_seconds);
  fflush(stderr);
  _exit(1);
}

enum mpi_bridge_start_result mpi_bridge_start(struct mpi_bridge_world *world, double seconds) {
  int provided;
  pthread_t start_watcher;
  if (pthread_create(&start_watcher, NULL, watch_start, NULL) == 0) pthread_detach(start_watcher);
  if (MPI_Init_thread(NULL, NULL, MPI_THREAD_MULTIPLE, &provided) != MPI_SUCCESS)
    return mpi_bridge_no_world;
  MPI_Comm_rank(MPI_COMM_WORLD, &own_rank);
  MPI_Comm_size(MPI_COMM_WORLD, &world_count);
  if (provided < MPI_THREAD_MULTIPLE) {
    MPI_Finalize();
    return mpi_bridge_no_threads;
  }
  for (int i = 0; i < channels; i++) MPI_Comm_dup(MPI_COMM_WORLD, &channel_comm[i]);
  MPI_Comm_dup(MPI_COMM_WORLD, &beat_comm);
  MPI_Comm_dup(MPI_COMM_WORLD, &agreement_comm);

  hosts = calloc((size_t)world_count, host_length);
  char own[host_length] = "";
  gethostname(own, host_length - 1);
  MPI_Allgather(own, host_length, MPI_CHAR, hosts, host_length, MPI_CHAR, agreement_comm);
  world->rank = own_rank;
  world->count = world_count;
  world->one_host = 1;
  for (int i = 0; i < world_count; i++)
    if (strcmp(hosts[i], hosts[0]) != 0) world->one_host = 0;

  most_missed_beats = (int)(seconds * 1000 / beat_milliseconds);
  if (world_count > 1) pthread_create(&watcher, NULL, watch, NULL);
  has_started = 1;
  return mpi_bridge_started;
}

const char *mpi_bridge_host(int rank) { return hosts[rank]; }

int mpi_bridge_agree(int number, int *numbers, double seconds) {
  MPI_Request request;
  MPI_Iallgather(&number, 1, MPI_INT, numbers, 1, MPI_INT, agreement_comm, &request);
  int done = 0;
  for (double waited = 0;; waited += 0.001) {
    MPI_Test(&request, &done, MPI_STATUS_IGNORE);
    if (done || (seconds > 0 && waited > seconds)) return done;
    pause_for(1000);
  }
}

void mpi_bridge_end(void) {
  if (world_count > 1) {
    watcher_stops = 1;
    pthread_join(watcher, NULL);
  }
  MPI_Finalize();
}

_Noreturn void mpi_bridge_abort(int status) {
  MPI_Abort(MPI_COMM_WORLD, status);
  _exit(status);
}

// MARK: Messages

/// The type in which a message is counted: MPI counts with an int.
static MPI_Datatype type_for(size_t *count) {
  if (*count % 4) return MPI_BYTE;
  const int is_long = *count % 8 == 0;
  *count /= is_long ? 8 : 4;
  return is_long ? MPI_INT64_T : MPI_INT32_T;
}

void *mpi_bridge_send(const void *bytes, size_t count, int rank, int channel) {
  MPI_Request request;
  MPI_Datatype type = type_for(&count);
  MPI_Isend(bytes, (int)count, type, rank, 0, channel_comm[channel], &request);
  return (void *)(intptr_t)request;
}

void *mpi_bridge_receive(void *bytes, size_t count, int rank, int channel) {
  MPI_Request request;
  MPI_Datatype type = type_for(&count);
  MPI_Irecv(bytes, (int)count, type, rank, 0, channel_comm[channel], &request);
  return (void *)(intptr_t)request;
}

void mpi_bridge_wait(void *handle, int channel) {
  MPI_Request request = (MPI_Request)(intptr_t)handle;
  int done = 0;
  for (int round = 0;; round++) {
    MPI_Test(&request, &done, MPI_STATUS_IGNORE);
    if (done) return;
    if (channel == 0 || round < 20)
      sched_yield();
    else
      pause_for(20);
  }
}

#endif
