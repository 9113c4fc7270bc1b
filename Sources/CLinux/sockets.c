#include "CLinuxSockets.h"
#include <linux/tcp.h>
#include <stddef.h>
#include <string.h>

_Static_assert(offsetof(struct tcp_info, tcpi_busy_time) + sizeof(uint64_t) <= sizeof(struct pfs_tcp_info), "too short");

static uint64_t word(const struct pfs_tcp_info *info, size_t offset) {
    uint64_t value;
    memcpy(&value, (const char *)info + offset, sizeof value);
    return value;
}

uint64_t pfs_tcp_acknowledged(const struct pfs_tcp_info *info) {
    return word(info, offsetof(struct tcp_info, tcpi_bytes_acked));
}

uint64_t pfs_tcp_busy(const struct pfs_tcp_info *info) {
    return word(info, offsetof(struct tcp_info, tcpi_busy_time));
}

uint32_t pfs_tcp_round_trip(const struct pfs_tcp_info *info) {
    uint32_t value;
    memcpy(&value, (const char *)info + offsetof(struct tcp_info, tcpi_min_rtt), sizeof value);
    return value;
}
