#include "MPIBridge.h"

#ifdef WITH_MPI

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

// Linux 5.14; older systems answer EINVAL.
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

enum { name_length = 32, large_page = 1 << 21, fewest_bytes = 1 << 24 };

/// True if all processes say so.
static int all_say(int yes) {
  int all = 0;
  MPI_Allreduce(&yes, &all, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
  return all;
}

/// The bytes that the system can give to shared memory, in whole large pages.
static size_t free_bytes(int file) {
  struct statvfs space;
  if (fstatvfs(file, &space) != 0) return 0;
  return (size_t)space.f_bavail * space.f_frsize / large_page * large_page;
}

/// Maps an object at a multiple of a large page; NULL if that fails.
static void *map_object(int file, size_t bytes) {
  char *room = mmap(NULL, bytes + large_page, PROT_NONE, MAP_PRIVATE | MAP_ANON, -1, 0);
  if (room == MAP_FAILED) return NULL;
  size_t offset = -(size_t)room & (large_page - 1);
  char *start = mmap(
      room + offset, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0);
  if (start == MAP_FAILED) return NULL;
#ifdef MADV_HUGEPAGE
  madvise(start, bytes, MADV_HUGEPAGE);
#endif
  return start;
}

void *mpi_bridge_share(size_t *bytes) {
  int rank;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  char name[name_length] = "";
  int file = -1;
  size_t size = 0;
  if (rank == 0) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    snprintf(
        name, name_length, "/cnn-%ld-%lx", (long)getpid(), (unsigned long)now.tv_nsec);
    file = shm_open(name, O_CREAT | O_EXCL | O_RDWR, 0600);
    if (file >= 0) size = free_bytes(file);
    // The object takes memory only where it is used.
    if (file >= 0 && (size < fewest_bytes || ftruncate(file, (off_t)size) != 0)) size = 0;
  }
  MPI_Bcast(name, name_length, MPI_CHAR, 0, MPI_COMM_WORLD);
  MPI_Bcast(&size, sizeof size, MPI_BYTE, 0, MPI_COMM_WORLD);
  if (rank > 0 && size > 0) file = shm_open(name, O_RDWR, 0600);
  void *start = file >= 0 && size > 0 ? map_object(file, size) : NULL;
  int shared = all_say(start != NULL);
  // Without its name the object ends with the last process, however that ends.
  if (rank == 0 && file >= 0) shm_unlink(name);
  if (file >= 0) close(file);
  if (!shared) {
    if (start) munmap(start, size);
    return NULL;
  }
  *bytes = size;
  return start;
}

int mpi_bridge_reserve(void *start, size_t bytes) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  char *first = (char *)((size_t)start / page * page);
  size_t length = ((size_t)((char *)start + bytes - first) + page - 1) / page * page;
  // Where the call is unknown, the pages are taken as they are used.
  return madvise(first, length, MADV_POPULATE_WRITE) == 0 || errno == EINVAL;
}

#endif
