// jpeglib.h needs these.
#include <stddef.h>
#include <stdio.h>

#include <jpeglib.h>
