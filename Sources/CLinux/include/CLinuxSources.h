// Reading other people's trees: no link is followed, nothing is mapped.
#pragma once
#include <stddef.h>
#include <stdint.h>

// Opens `path` beneath the open folder `root`, or `root` itself if `path` is empty. No component may be a symlink.
int clinux_source_open(int root, const char *path, int flags);
// The first run of data of `file` that ends behind `offset`: where it begins and ends. ENXIO if the rest is a hole. Where
// the file system cannot tell, everything is data.
int clinux_source_data(int file, int64_t offset, int64_t *start, int64_t *end);
// The names of the attributes of `name` in the open folder, each ended by NUL. Symlinks are not followed.
long clinux_source_attributes(int folder, const char *name, char *buffer, size_t size);
long clinux_source_attribute(int folder, const char *name, const char *attribute, void *buffer, size_t size);
