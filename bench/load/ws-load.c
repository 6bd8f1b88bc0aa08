/*
 * Load for a WebSocket echo server: N connections, each with K messages in flight, every byte
 * checked.
 *
 *     | head, mask | connection and number in hex | pattern ... |     one message, masked
 *                  0                              16          size
 *
 * As echo-load does, but each message is a frame: masked on its way out, bare on its way back. All
 * payloads are ASCII, so that they may be sent as text. After the warm-up a window is measured:
 * messages, round trips, and the CPU time of the server (its /proc/PID/stat) and of this program,
 * read at the very edges of the window.
 *
 *     ws-load --host 127.0.0.1 --port 4000 --connections 50 --in-flight 1 --size 64 --kind text
 *             --warm-up 0.5 --seconds 2 [--server-pid 123]
 *
 * Prints one line of JSON. Always ends by itself: an alarm ends it when nothing else does.
 * Exit code: 0 measured (see "errors"), 1 could not measure, 2 bad arguments.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
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

#define READ_BYTES (256 * 1024)
#define STAMP_BYTES 16
/* Messages of one connection below this are told apart from those of the next one. */
#define STAMP_SHIFT 40
#define MASK_BYTES 4
/* Grace beyond warm-up and window before the alarm ends the program. */
#define GRACE_SECONDS 20

/* Round trips, 32 buckets to each power of two of microseconds: within 3.2 %. */
#define SUB_BITS 5
#define BUCKETS ((64 - SUB_BITS) << SUB_BITS)

typedef struct {
  int fd;
  uint64_t index;
  bool wants_write;
  uint64_t sent;         /* frames handed over whole */
  size_t sent_bytes;     /* bytes handed over of the next one */
  uint64_t received;     /* frames come back whole */
  size_t received_bytes; /* bytes come back of the next one */
  uint64_t *started_us;  /* when each message in flight left, by number modulo in_flight */
} Connection;

typedef struct {
  uint64_t at_us;
  double server_cpu, client_cpu;
} Edge;

static struct {
  const char *host, *kind;
  int port;
  uint64_t connections, in_flight;
  size_t size;
  double warm_up, seconds;
  long server_pid;
} options = {
    .kind = "text", .connections = 50, .in_flight = 1, .size = 64, .warm_up = 0.5, .seconds = 2};

static const uint8_t mask[MASK_BYTES] = {0x37, 0xfa, 0x21, 0x3d};
static int poller;
static Connection *connections;
static uint64_t alive;
static size_t head_bytes; /* of a frame, without the mask */
static size_t out_bytes, in_bytes;
static uint8_t *outgoing; /* in_flight frames, bodies filled in for good */
static uint8_t *expected; /* one frame as it comes back */
static uint8_t *incoming;

static uint64_t messages, errors, histogram[BUCKETS];
static const char *first_error = "";

/* End the program because it cannot measure. */
static void die(const char *what) {
  fprintf(stderr, "ws-load: %s: %s\n", what, strerror(errno));
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

/* Round trips */

static unsigned bucket_of(uint64_t us) {
  if (us < (1u << SUB_BITS)) return (unsigned)us;
  unsigned shift = 63u - (unsigned)__builtin_clzll(us) - SUB_BITS;
  return ((shift + 1) << SUB_BITS) + (unsigned)(us >> shift) - (1u << SUB_BITS);
}

/* The smallest value that falls into a bucket. */
static uint64_t floor_of(unsigned bucket) {
  if (bucket < (1u << SUB_BITS)) return bucket;
  unsigned shift = (bucket >> SUB_BITS) - 1;
  return (uint64_t)((bucket & ((1u << SUB_BITS) - 1)) + (1u << SUB_BITS)) << shift;
}

static uint64_t percentile(double share) {
  uint64_t wanted = (uint64_t)(share * (double)messages), seen = 0;
  for (unsigned bucket = 0; bucket < BUCKETS; bucket++) {
    seen += histogram[bucket];
    if (seen > wanted) return floor_of(bucket);
  }
  return 0;
}

/* Frames */

static size_t write_head(uint8_t *frame, uint8_t mask_bit) {
  frame[0] = 0x80 | (strcmp(options.kind, "text") == 0 ? 1 : 2);
  if (options.size < 126) {
    frame[1] = mask_bit | (uint8_t)options.size;
    return 2;
  }
  frame[1] = mask_bit | 126;
  frame[2] = (uint8_t)(options.size >> 8);
  frame[3] = (uint8_t)options.size;
  return 4;
}

static void stamp(uint8_t *payload, uint64_t index, uint64_t number, const uint8_t *with) {
  uint64_t value = index << STAMP_SHIFT | number;
  for (int at = STAMP_BYTES - 1; at >= 0; at--, value >>= 4) {
    payload[at] = (uint8_t)("0123456789abcdef"[value & 15] ^ with[at % MASK_BYTES]);
  }
}

static void fill_frames(void) {
  static const uint8_t none[MASK_BYTES];
  uint8_t head[4];
  head_bytes = write_head(head, 0);
  in_bytes = head_bytes + options.size;
  out_bytes = in_bytes + MASK_BYTES;
  outgoing = malloc(options.in_flight * out_bytes);
  expected = malloc(in_bytes);
  incoming = malloc(READ_BYTES);
  if (outgoing == NULL || expected == NULL || incoming == NULL) die("memory");
  for (uint64_t slot = 0; slot < options.in_flight; slot++) {
    uint8_t *frame = outgoing + slot * out_bytes;
    write_head(frame, 0x80);
    memcpy(frame + head_bytes, mask, MASK_BYTES);
    for (size_t at = 0; at < options.size; at++) {
      /* No short period: bytes that are shifted differ. */
      uint8_t letter = (uint8_t)('a' + ((at * 31 + 7) ^ (at >> 8) * 13) % 26);
      frame[head_bytes + MASK_BYTES + at] = letter ^ mask[at % MASK_BYTES];
      expected[head_bytes + at] = letter;
    }
  }
  write_head(expected, 0);
  stamp(expected + head_bytes, 0, 0, none);
}

/* Connections */

static void watch(Connection *connection, int operation, uint32_t events) {
  struct epoll_event event = {.events = events, .data.ptr = connection};
  if (epoll_ctl(poller, operation, connection->fd, &event) != 0) die("epoll_ctl");
}

static void fail(Connection *connection, const char *what) {
  if (errors == 0) first_error = what;
  errors++;
  alive--;
  close(connection->fd);
  connection->fd = -1;
}

static void want_write(Connection *connection, bool wanted) {
  if (connection->wants_write == wanted) return;
  connection->wants_write = wanted;
  watch(connection, EPOLL_CTL_MOD, EPOLLIN | (wanted ? EPOLLOUT : 0));
}

/* Send what may be in flight and is not: all of it in one call where the socket takes it. */
static void send_more(Connection *connection, uint64_t now) {
  uint64_t count = connection->received + options.in_flight - connection->sent;
  if (count == 0) return want_write(connection, false);
  for (uint64_t ahead = 0; ahead < count; ahead++) {
    uint64_t number = connection->sent + ahead;
    uint8_t *payload = outgoing + ahead * out_bytes + head_bytes + MASK_BYTES;
    stamp(payload, connection->index, number, mask);
    if (ahead > 0 || connection->sent_bytes == 0) {
      connection->started_us[number % options.in_flight] = now;
    }
  }
  size_t length = count * out_bytes - connection->sent_bytes;
  ssize_t taken = send(connection->fd, outgoing + connection->sent_bytes, length, MSG_NOSIGNAL);
  if (taken < 0) {
    if (errno == EAGAIN || errno == EINTR) return want_write(connection, true);
    return fail(connection, "send failed");
  }
  size_t reached = connection->sent_bytes + (size_t)taken;
  connection->sent += reached / out_bytes;
  connection->sent_bytes = reached % out_bytes;
  want_write(connection, (size_t)taken < length);
}

static bool receive(Connection *connection, uint64_t now) {
  static const uint8_t none[MASK_BYTES];
  ssize_t got = recv(connection->fd, incoming, READ_BYTES, 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return true;
  if (got <= 0) return fail(connection, got == 0 ? "the server closed" : "recv failed"), false;
  for (size_t at = 0; at < (size_t)got;) {
    size_t missing = in_bytes - connection->received_bytes;
    size_t part = missing < (size_t)got - at ? missing : (size_t)got - at;
    stamp(expected + head_bytes, connection->index, connection->received, none);
    if (memcmp(incoming + at, expected + connection->received_bytes, part) != 0) {
      return fail(connection, "wrong bytes came back"), false;
    }
    at += part;
    connection->received_bytes += part;
    if (connection->received_bytes < in_bytes) continue;
    histogram[bucket_of(now - connection->started_us[connection->received % options.in_flight])]++;
    messages++;
    connection->received++;
    connection->received_bytes = 0;
    if (connection->received > connection->sent) {
      return fail(connection, "more came back than was sent"), false;
    }
  }
  return true;
}

/* The answer is not looked at beyond its status: what follows is checked byte by byte. */
static void shake_hands(int fd) {
  static const char request[] =
      "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  char answer[4096];
  size_t got = 0;
  if (send(fd, request, sizeof request - 1, MSG_NOSIGNAL) < 0) die("send");
  do {
    ssize_t part = recv(fd, answer + got, sizeof answer - 1 - got, 0);
    if (part <= 0) die("no answer to the handshake");
    got += (size_t)part;
    answer[got] = 0;
  } while (strstr(answer, "\r\n\r\n") == NULL);
  if (strncmp(answer, "HTTP/1.1 101 ", 13) == 0) return;
  fprintf(stderr, "ws-load: the handshake was refused: %s\n", answer);
  exit(1);
}

static void open_connection(Connection *connection, const struct sockaddr_in *address) {
  int on = 1;
  /* No TIME_WAIT is left behind: thousands of connections follow each other. */
  struct linger reset = {.l_onoff = 1, .l_linger = 0};
  connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connection->fd < 0) die("socket");
  setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(connection->fd, (const struct sockaddr *)address, sizeof *address) != 0) {
    die("connect");
  }
  shake_hands(connection->fd);
  if (fcntl(connection->fd, F_SETFL, O_NONBLOCK) != 0) die("fcntl");
  watch(connection, EPOLL_CTL_ADD, EPOLLIN);
}

static void open_all(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)options.port)};
  if (inet_pton(AF_INET, options.host, &address.sin_addr) != 1) {
    fprintf(stderr, "ws-load: --host takes an IPv4 address\n");
    exit(2);
  }
  connections = calloc(options.connections, sizeof *connections);
  if (connections == NULL) die("memory");
  for (uint64_t index = 0; index < options.connections; index++) {
    connections[index].index = index;
    connections[index].started_us = calloc(options.in_flight, sizeof(uint64_t));
    if (connections[index].started_us == NULL) die("memory");
    open_connection(&connections[index], &address);
  }
  alive = options.connections;
}

/* Turn until the time has come, or nobody is left. */
static void turn_until(uint64_t end_us) {
  struct epoll_event events[256];
  uint64_t now = now_us();
  while (now < end_us && alive > 0) {
    int wait_ms = (int)((end_us - now) / 1000) + 1;
    int ready = epoll_wait(poller, events, 256, wait_ms);
    if (ready < 0 && errno != EINTR) die("epoll_wait");
    now = now_us();
    for (int each = 0; each < ready && now < end_us; each++) {
      Connection *connection = events[each].data.ptr;
      now = now_us();
      bool readable = (events[each].events & ~(uint32_t)EPOLLOUT) != 0;
      if (readable && !receive(connection, now)) continue;
      send_more(connection, now);
    }
  }
}

static void read_option(const char *name, const char *value) {
  if (strcmp(name, "--host") == 0) options.host = value;
  else if (strcmp(name, "--port") == 0) options.port = atoi(value);
  else if (strcmp(name, "--connections") == 0) options.connections = strtoull(value, NULL, 10);
  else if (strcmp(name, "--in-flight") == 0) options.in_flight = strtoull(value, NULL, 10);
  else if (strcmp(name, "--size") == 0) options.size = strtoull(value, NULL, 10);
  else if (strcmp(name, "--kind") == 0) options.kind = value;
  else if (strcmp(name, "--warm-up") == 0) options.warm_up = atof(value);
  else if (strcmp(name, "--seconds") == 0) options.seconds = atof(value);
  else if (strcmp(name, "--server-pid") == 0) options.server_pid = atol(value);
  else {
    fprintf(stderr, "ws-load: no option %s\n", name);
    exit(2);
  }
}

int main(int count, char **arguments) {
  for (int at = 1; at < count; at += 2) {
    read_option(arguments[at], at + 1 < count ? arguments[at + 1] : "");
  }
  if (options.host == NULL || options.port <= 0 || options.connections == 0 ||
      options.in_flight == 0 || options.size < STAMP_BYTES || options.size > 65535 ||
      options.seconds <= 0) {
    fprintf(stderr, "ws-load: --host and --port are needed, --size is 16 to 65535\n");
    exit(2);
  }
  alarm((unsigned)(options.warm_up + options.seconds) + GRACE_SECONDS);
  poller = epoll_create1(EPOLL_CLOEXEC);
  if (poller < 0) die("epoll_create1");
  fill_frames();
  open_all();

  uint64_t now = now_us();
  for (uint64_t each = 0; each < options.connections; each++) send_more(&connections[each], now);
  turn_until(now + (uint64_t)(options.warm_up * 1e6));
  messages = 0;
  memset(histogram, 0, sizeof histogram);
  Edge from = edge();
  turn_until(from.at_us + (uint64_t)(options.seconds * 1e6));
  Edge to = edge();
  printf("{\"messages\":%llu,\"seconds\":%.6f,\"p50\":%llu,\"p99\":%llu,",
         (unsigned long long)messages, (double)(to.at_us - from.at_us) / 1e6,
         (unsigned long long)percentile(0.5), (unsigned long long)percentile(0.99));
  printf("\"serverCpuSeconds\":%.6f,\"clientCpuSeconds\":%.6f,", to.server_cpu - from.server_cpu,
         to.client_cpu - from.client_cpu);
  printf("\"errors\":%llu,\"firstError\":\"%s\"}\n", (unsigned long long)errors, first_error);
  return 0;
}
