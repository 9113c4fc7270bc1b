// Sockets: what the kernel knows of a TCP connection.
#pragma once
#include <stdint.h>

// As many bytes of the kernel's answer to TCP_INFO as are looked at; older kernels fill fewer, and leave zeros.
struct pfs_tcp_info {
    uint64_t words[24];
};
// Bytes that the other end has acknowledged, and microseconds during which there were any to acknowledge.
uint64_t pfs_tcp_acknowledged(const struct pfs_tcp_info *info);
uint64_t pfs_tcp_busy(const struct pfs_tcp_info *info);
// Microseconds from a byte to its acknowledgement, the least of late.
uint32_t pfs_tcp_round_trip(const struct pfs_tcp_info *info);
