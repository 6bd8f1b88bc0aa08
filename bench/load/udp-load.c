/* Drives a UDP echo server and measures it: clients of their own socket each, with a fixed number
 * of datagrams in flight.
 *
 *     stamp: client << 40 | number    body: the same in every datagram
 *     0                       8                   size
 *
 * What comes back is compared byte by byte with what was sent. UDP may lose, so each round trip
 * has a slot: one that hears nothing for a while sends again and counts a loss; what comes late or
 * twice is counted and otherwise ignored. After the warm-up a window is measured: datagrams, and
 * the CPU time of the server (its /proc/PID/stat) and of this program, read at its edges.
 *
 *     udp-load --host 127.0.0.1 --port 4000 --clients 50 --in-flight 1 --size 64
 *              --warm-up 0.5 --seconds 2 [--server-pid 123]
 *
 * Prints one line of JSON. Always ends by itself: an alarm ends it when nothing else does.
 * Exit code: 0 measured (see "errors"), 1 could not measure, 2 bad arguments.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define STAMP_BYTES 8
/* Datagrams of one client below this are told apart from those of the next one. */
#define STAMP_SHIFT 40
#define DATAGRAM_BYTES 65536
/* A slot that has heard nothing for so long sends again. */
#define PATIENCE_US 500000
/* Grace beyond warm-up and window before the alarm ends the program. */
#define GRACE_SECONDS 20

typedef struct {
  uint64_t number;
  uint64_t sent_us;
} Slot;

typedef struct {
  int fd;
  uint64_t index, next;
  Slot *slots;
} Client;

typedef struct {
  uint64_t at_us;
  double server_cpu, client_cpu;
} Edge;

static struct {
  const char *host;
  int port;
  uint64_t clients, in_flight;
  size_t size;
  double warm_up, seconds;
  long server_pid;
} options = {.clients = 50, .in_flight = 1, .size = 64, .warm_up = 0.5, .seconds = 2};

static Client *clients;
static uint8_t *outgoing, *incoming;
static uint64_t messages, lost, late, errors;

static void die(const char *what) {
  fprintf(stderr, "udp-load: %s: %s\n", what, strerror(errno));
  exit(1);
}

static uint64_t now_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* User and system seconds of a process: fields 14 and 15. The name may hold spaces and brackets,
 * so counting begins behind its last bracket. */
static double cpu_of(long pid) {
  char path[64], text[1024];
  if (pid == 0) return 0;
  snprintf(path, sizeof path, "/proc/%ld/stat", pid);
  FILE *file = fopen(path, "r");
  if (file == NULL) die("cannot read the CPU time of the server");
  size_t length = fread(text, 1, sizeof text - 1, file);
  fclose(file);
  text[length] = 0;
  unsigned long user, system;
  char *rest = strrchr(text, ')');
  const char *format = " %*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %lu %lu";
  if (rest == NULL || sscanf(rest + 1, format, &user, &system) != 2) {
    die("cannot understand the CPU time of the server");
  }
  return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

static double cpu_of_self(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static Edge edge(void) {
  return (Edge){
      .at_us = now_us(), .server_cpu = cpu_of(options.server_pid), .client_cpu = cpu_of_self()};
}

/* Send the next datagram of a slot. A queue that is full is a loss like any other. */
static void send_next(Client *client, Slot *slot, uint64_t now) {
  slot->number = client->next++;
  slot->sent_us = now;
  uint64_t stamp = client->index << STAMP_SHIFT | slot->number;
  memcpy(outgoing, &stamp, STAMP_BYTES);
  ssize_t taken = send(client->fd, outgoing, options.size, MSG_DONTWAIT);
  if (taken < 0 && errno != EAGAIN && errno != ENOBUFS) die("send");
}

static Slot *slot_of(Client *client, uint64_t number) {
  for (uint64_t each = 0; each < options.in_flight; each++) {
    if (client->slots[each].number == number) return &client->slots[each];
  }
  return NULL;
}

static void receive(Client *client, uint64_t now) {
  for (uint64_t each = 0; each < options.in_flight; each++) {
    ssize_t got = recv(client->fd, incoming, DATAGRAM_BYTES, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got < 0) die("recv");
    uint64_t stamp = 0;
    if (got >= STAMP_BYTES) memcpy(&stamp, incoming, STAMP_BYTES);
    bool whole = (size_t)got == options.size && stamp >> STAMP_SHIFT == client->index &&
                 memcmp(incoming + STAMP_BYTES, outgoing + STAMP_BYTES,
                        options.size - STAMP_BYTES) == 0;
    if (!whole) {
      errors++;
      continue;
    }
    Slot *slot = slot_of(client, stamp & ((1ull << STAMP_SHIFT) - 1));
    if (slot == NULL) {
      late++;
      continue;
    }
    messages++;
    send_next(client, slot, now);
  }
}

static void send_lost_again(uint64_t now) {
  for (uint64_t index = 0; index < options.clients; index++) {
    for (uint64_t each = 0; each < options.in_flight; each++) {
      Slot *slot = &clients[index].slots[each];
      if (now - slot->sent_us < PATIENCE_US) continue;
      lost++;
      send_next(&clients[index], slot, now);
    }
  }
}

static void open_all(int poller) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)options.port)};
  if (inet_pton(AF_INET, options.host, &address.sin_addr) != 1) {
    fprintf(stderr, "udp-load: --host takes an IPv4 address\n");
    exit(2);
  }
  clients = calloc(options.clients, sizeof *clients);
  if (clients == NULL) die("memory");
  for (uint64_t index = 0; index < options.clients; index++) {
    Client *client = &clients[index];
    client->index = index;
    client->slots = calloc(options.in_flight, sizeof(Slot));
    client->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (client->slots == NULL || client->fd < 0) die("socket");
    if (connect(client->fd, (struct sockaddr *)&address, sizeof address) != 0) die("connect");
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, client->fd, &event) != 0) die("epoll_ctl");
  }
}

static void turn_until(int poller, uint64_t end_us) {
  struct epoll_event events[64];
  uint64_t now = now_us(), looked = now;
  while (now < end_us) {
    int ready = epoll_wait(poller, events, 64, 50);
    if (ready < 0 && errno != EINTR) die("epoll_wait");
    now = now_us();
    for (int each = 0; each < ready; each++) receive(events[each].data.ptr, now);
    if (now - looked < PATIENCE_US / 4) continue;
    looked = now;
    send_lost_again(now);
  }
}

static void read_option(const char *name, const char *value) {
  if (strcmp(name, "--host") == 0) options.host = value;
  else if (strcmp(name, "--port") == 0) options.port = atoi(value);
  else if (strcmp(name, "--clients") == 0) options.clients = strtoull(value, NULL, 10);
  else if (strcmp(name, "--in-flight") == 0) options.in_flight = strtoull(value, NULL, 10);
  else if (strcmp(name, "--size") == 0) options.size = strtoull(value, NULL, 10);
  else if (strcmp(name, "--warm-up") == 0) options.warm_up = atof(value);
  else if (strcmp(name, "--seconds") == 0) options.seconds = atof(value);
  else if (strcmp(name, "--server-pid") == 0) options.server_pid = atol(value);
  else {
    fprintf(stderr, "udp-load: no option %s\n", name);
    exit(2);
  }
}

int main(int count, char **arguments) {
  for (int at = 1; at < count; at += 2) {
    read_option(arguments[at], at + 1 < count ? arguments[at + 1] : "");
  }
  if (options.host == NULL || options.port <= 0 || options.clients == 0 ||
      options.in_flight == 0 || options.size < STAMP_BYTES || options.size > 65507 ||
      options.seconds <= 0) {
    fprintf(stderr, "udp-load: --host and --port are needed, --size is 8 to 65507\n");
    exit(2);
  }
  alarm((unsigned)(options.warm_up + options.seconds) + GRACE_SECONDS);
  int poller = epoll_create1(EPOLL_CLOEXEC);
  outgoing = malloc(options.size);
  incoming = malloc(DATAGRAM_BYTES);
  if (poller < 0 || outgoing == NULL || incoming == NULL) die("memory");
  /* No short period: bytes that are shifted differ. */
  for (size_t at = 0; at < options.size; at++) outgoing[at] = (uint8_t)((at * 31 + 7) ^ at >> 8);
  open_all(poller);
  uint64_t now = now_us();
  for (uint64_t index = 0; index < options.clients; index++) {
    for (uint64_t each = 0; each < options.in_flight; each++) {
      send_next(&clients[index], &clients[index].slots[each], now);
    }
  }
  turn_until(poller, now + (uint64_t)(options.warm_up * 1e6));
  messages = lost = late = errors = 0;
  Edge from = edge();
  turn_until(poller, from.at_us + (uint64_t)(options.seconds * 1e6));
  Edge to = edge();
  printf("{\"messages\":%llu,\"seconds\":%.6f,\"lost\":%llu,\"late\":%llu,\"errors\":%llu,",
         (unsigned long long)messages, (double)(to.at_us - from.at_us) / 1e6,
         (unsigned long long)lost, (unsigned long long)late, (unsigned long long)errors);
  printf("\"serverCpuSeconds\":%.6f,\"clientCpuSeconds\":%.6f}\n", to.server_cpu - from.server_cpu,
         to.client_cpu - from.client_cpu);
  return 0;
}
