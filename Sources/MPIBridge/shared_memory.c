#include "MPIBridge.h"

#ifdef WITH_MPI

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <mpi.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

// Linux 5.14; older systems answer EINVAL.
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

enum { name_length = 48, large_page = 1 << 21 };

/// True if all processes say so.
static int all_say(int yes) {
  int all = 0;
  MPI_Allreduce(&yes, &all, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
  return all;
}

/// An object that the other processes of the host open by its name.
struct object {
  char name[name_length];
  size_t bytes;
  dev_t device;
  ino_t number;
};

/// Makes an object; `bytes` stays 0 if that fails.
///
/// A file in memory without a path may have large pages, and the size of /dev/shm does not limit it.
static int make_object(struct object *object) {
#ifdef __linux__
  int file = memfd_create("lecture-cnn", MFD_CLOEXEC);
  snprintf(object->name, name_length, "/proc/%ld/fd/%d", (long)getpid(), file);
#else
  snprintf(object->name, name_length, "/cnn-%ld", (long)getpid());
  int file = shm_open(object->name, O_CREAT | O_EXCL | O_RDWR, 0600);
#endif
  struct stat status;
  size_t bytes = (size_t)sysconf(_SC_PHYS_PAGES) * (size_t)sysconf(_SC_PAGESIZE) / large_page * large_page;
  // The object takes memory only where it is used.
  if (file >= 0 && ftruncate(file, (off_t)bytes) == 0 && fstat(file, &status) == 0) {
    object->bytes = bytes;
    object->device = status.st_dev;
    object->number = status.st_ino;
  }
  return file;
}

/// Opens the object of the first process; -1 if that fails, or if the name is that of another object, in another
/// container.
static int open_object(const struct object *object) {
#ifdef __linux__
  int file = open(object->name, O_RDWR | O_CLOEXEC);
#else
  int file = shm_open(object->name, O_RDWR, 0600);
#endif
  struct stat status;
  if (file < 0) return -1;
  if (fstat(file, &status) == 0 && status.st_dev == object->device && status.st_ino == object->number)
    return file;
  close(file);
  return -1;
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
  struct object object = {0};
  int file = rank == 0 ? make_object(&object) : -1;
  MPI_Bcast(&object, sizeof object, MPI_BYTE, 0, MPI_COMM_WORLD);
  if (rank > 0 && object.bytes > 0) file = open_object(&object);
  void *start = file >= 0 && object.bytes > 0 ? map_object(file, object.bytes) : NULL;
  int shared = all_say(start != NULL);
#ifndef __linux__
  // Without its name the object ends with the last process, however that ends.
  if (rank == 0 && file >= 0) shm_unlink(object.name);
#endif
  if (file >= 0) close(file);
  if (!shared) {
    if (start) munmap(start, object.bytes);
    return NULL;
  }
  *bytes = object.bytes;
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
