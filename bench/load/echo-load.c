/*
 * Load for an echo server: N connections, each with K messages in flight, every byte checked.
 *
 *     | connection and number | pattern ...          |     one message: 8 bytes, then the rest
 *     0                       8                   size
 *
 * A message carries the index of its connection and its own number; what comes back is compared
 * byte by byte with what was sent, so loss, doubling, reordering and mixing are all seen. After
 * the warm-up a window is measured: messages, round trips, and the CPU time of the server (its
 * /proc/PID/stat) and of this program, read at the very edges of the window.
 *
 *     echo-load --host 127.0.0.1 --port 4000 --connections 50 --in-flight 1 --size 64
 *               --warm-up 0.5 --seconds 2 [--messages 100000] [--server-pid 123]
 *
 * Compiled with -DWITH_TLS -lssl -lcrypto it speaks TLS, and verifies nobody.
 *
 * Prints one line of JSON. Always ends by itself: an alarm ends it when nothing else does.
 * Exit code: 0 measured (see "errors"), 1 could not measure, 2 bad arguments.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#ifdef WITH_TLS
#include <openssl/err.h>
#include <openssl/ssl.h>
#endif

/* One read takes at most this much: more than any of the servers reads at once. */
#define READ_BYTES (256 * 1024)
#define STAMP_BYTES 8
/* Messages of one connection below this are told apart from those of the next one. */
#define STAMP_SHIFT 40
/* Longer than a SYN that was dropped and sent again twice. */
#define CONNECT_SECONDS 8
/* Grace beyond warm-up and window before the alarm ends the program. */
#define GRACE_SECONDS 20

/* Round trips, 32 buckets to each power of two of microseconds: within 3.2 %. */
#define SUB_BITS 5
#define BUCKETS ((64 - SUB_BITS) << SUB_BITS)

typedef struct {
  int fd;
#ifdef WITH_TLS
  SSL *tls;
#endif
  uint64_t index;
  bool wants_write;
  uint64_t sent;         /* messages handed over whole */
  size_t sent_bytes;     /* bytes handed over of the next one */
  uint64_t received;     /* messages come back whole */
  size_t received_bytes; /* bytes come back of the next one */
  uint64_t *started_us;  /* when each message in flight left, by number modulo in_flight */
} Connection;

typedef struct {
  const char *host;
  int port;
  uint64_t connections, in_flight, messages;
  size_t size;
  double warm_up, seconds;
  long server_pid;
} Options;

typedef struct {
  uint64_t at_us;
  double server_cpu, client_cpu;
} Edge;

static Options options = {
    .connections = 50, .in_flight = 1, .size = 64, .warm_up = 0.5, .seconds = 2};
static int poller;
static Connection *connections;
static uint64_t alive;
static uint8_t *outgoing; /* in_flight messages, bodies filled in for good */
static uint8_t *incoming;

static uint64_t messages, errors, histogram[BUCKETS];
static char first_error[200];

/* End the program because it cannot measure. */
static void die(const char *what) {
  fprintf(stderr, "echo-load: %s: %s\n", what, strerror(errno));
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
  const char *format = " %*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %lu %lu";
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

/* Connections */

static void watch(Connection *connection, int operation, uint32_t events) {
  struct epoll_event event = {.events = events, .data.ptr = connection};
  if (epoll_ctl(poller, operation, connection->fd, &event) != 0) die("epoll_ctl");
}

__attribute__((format(printf, 2, 3))) static void fail(Connection *connection, const char *format,
                                                       ...) {
  if (errors == 0) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(first_error, sizeof first_error, format, arguments);
    va_end(arguments);
  }
  errors++;
  alive--;
  close(connection->fd);
  connection->fd = -1;
}

static void stamp(uint8_t *message, uint64_t index, uint64_t number) {
  uint64_t value = index << STAMP_SHIFT | number;
  memcpy(message, &value, STAMP_BYTES);
}

static void want_write(Connection *connection, bool wanted) {
  if (connection->wants_write == wanted) return;
  connection->wants_write = wanted;
  watch(connection, EPOLL_CTL_MOD, EPOLLIN | (wanted ? EPOLLOUT : 0));
}

#ifdef WITH_TLS
static SSL_CTX *context;

/* As recv and send say it: EAGAIN where TLS waits for the socket. */
static ssize_t in_words_of_sockets(Connection *connection, int result) {
  if (result > 0) return result;
  int error = SSL_get_error(connection->tls, result);
  if (error == SSL_ERROR_ZERO_RETURN) return 0;
  errno = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? EAGAIN : EPROTO;
  return -1;
}

/* Everything that is there: epoll knows nothing of what lies in a record that has been read. */
static ssize_t take(Connection *connection) {
  size_t got = 0;
  while (got < READ_BYTES) {
    int part = SSL_read(connection->tls, incoming + got, (int)(READ_BYTES - got));
    if (part <= 0) return got > 0 ? (ssize_t)got : in_words_of_sockets(connection, part);
    got += (size_t)part;
  }
  return (ssize_t)got;
}

static ssize_t hand_over(Connection *connection, const uint8_t *bytes, size_t length) {
  ERR_clear_error();
  return in_words_of_sockets(connection, SSL_write(connection->tls, bytes, (int)length));
}

static void shake_hands(Connection *connection) {
  if (context == NULL) context = SSL_CTX_new(TLS_client_method());
  if (context == NULL) die("SSL_CTX_new");
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  connection->tls = SSL_new(context);
  SSL_set_fd(connection->tls, connection->fd);
  if (SSL_connect(connection->tls) != 1) die("SSL_connect");
}
#else
static ssize_t take(Connection *connection) {
  return recv(connection->fd, incoming, READ_BYTES, 0);
}

static ssize_t hand_over(Connection *connection, const uint8_t *bytes, size_t length) {
  return send(connection->fd, bytes, length, MSG_NOSIGNAL);
}

static void shake_hands(Connection *connection) {
  (void)connection;
}
#endif

/* Send what may be in flight and is not: all of it in one call where the socket takes it. */
static void send_more(Connection *connection, uint64_t now) {
  uint64_t count = connection->received + options.in_flight - connection->sent;
  if (count == 0) return want_write(connection, false);
  for (uint64_t ahead = 0; ahead < count; ahead++) {
    uint64_t number = connection->sent + ahead;
    stamp(outgoing + ahead * options.size, connection->index, number);
    if (ahead > 0 || connection->sent_bytes == 0) {
      connection->started_us[number % options.in_flight] = now;
    }
  }
  size_t length = count * options.size - connection->sent_bytes;
  ssize_t taken = hand_over(connection, outgoing + connection->sent_bytes, length);
  if (taken < 0) {
    if (errno == EAGAIN || errno == EINTR) return want_write(connection, true);
    return fail(connection, "send: %s", strerror(errno));
  }
  size_t reached = connection->sent_bytes + (size_t)taken;
  connection->sent += reached / options.size;
  connection->sent_bytes = reached % options.size;
  want_write(connection, (size_t)taken < length);
}

/* Is this what the next bytes of this connection have to be? */
static bool is_expected(const Connection *connection, const uint8_t *bytes, size_t length) {
  uint8_t head[STAMP_BYTES];
  size_t at = connection->received_bytes;
  if (at < STAMP_BYTES) {
    size_t part = STAMP_BYTES - at < length ? STAMP_BYTES - at : length;
    stamp(head, connection->index, connection->received);
    if (memcmp(bytes, head + at, part) != 0) return false;
    bytes += part;
    at += part;
    length -= part;
  }
  return memcmp(bytes, outgoing + at, length) == 0;
}

static void count_message(Connection *connection, uint64_t now) {
  histogram[bucket_of(now - connection->started_us[connection->received % options.in_flight])]++;
  messages++;
  connection->received++;
  connection->received_bytes = 0;
}

static bool receive(Connection *connection, uint64_t now) {
  ssize_t got = take(connection);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return true;
  if (got <= 0) {
    fail(connection, "recv: %s", got == 0 ? "the server closed" : strerror(errno));
    return false;
  }
  for (size_t at = 0; at < (size_t)got;) {
    size_t missing = options.size - connection->received_bytes;
    size_t part = missing < (size_t)got - at ? missing : (size_t)got - at;
    if (!is_expected(connection, incoming + at, part)) {
      fail(connection, "wrong bytes in message %llu of connection %llu",
           (unsigned long long)connection->received, (unsigned long long)connection->index);
      return false;
    }
    at += part;
    connection->received_bytes += part;
    if (connection->received_bytes == options.size) count_message(connection, now);
  }
  uint64_t back = connection->received * options.size + connection->received_bytes;
  if (back <= connection->sent * options.size + connection->sent_bytes) return true;
  fail(connection, "more came back than was sent");
  return false;
}

/* On the loopback a connection is made before it is accepted, so one after the other is fast;
 * the timeout covers a listener whose queue is full. */
static void open_connection(Connection *connection, const struct sockaddr_in *address) {
  int on = 1;
  struct timeval patience = {.tv_sec = CONNECT_SECONDS};
  /* No TIME_WAIT is left behind: thousands of connections follow each other. */
  struct linger reset = {.l_onoff = 1, .l_linger = 0};
  connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connection->fd < 0) die("socket");
  setsockopt(connection->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(connection->fd, (const struct sockaddr *)address, sizeof *address) != 0) {
    die("connect");
  }
  shake_hands(connection);
  if (fcntl(connection->fd, F_SETFL, O_NONBLOCK) != 0) die("fcntl");
  watch(connection, EPOLL_CTL_ADD, EPOLLIN);
}

static void open_all(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)options.port)};
  if (inet_pton(AF_INET, options.host, &address.sin_addr) != 1) {
    fprintf(stderr, "echo-load: --host takes an IPv4 address\n");
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

static void fill_outgoing(void) {
  outgoing = malloc(options.in_flight * options.size);
  incoming = malloc(READ_BYTES);
  if (outgoing == NULL || incoming == NULL) die("memory");
  for (uint64_t slot = 0; slot < options.in_flight; slot++) {
    for (size_t at = 0; at < options.size; at++) {
      /* No short period: bytes that are shifted differ. */
      outgoing[slot * options.size + at] = (uint8_t)((at * 31 + 7) ^ (at >> 8) * 13);
    }
  }
}

/* Turn until the time has come, the messages are there, or nobody is left. */
static void turn_until(uint64_t end_us, uint64_t messages_max) {
  struct epoll_event events[256];
  uint64_t now = now_us();
  while (now < end_us && messages < messages_max && alive > 0) {
    int wait_ms = (int)((end_us - now) / 1000) + 1;
    int ready = epoll_wait(poller, events, 256, wait_ms);
    if (ready < 0 && errno != EINTR) die("epoll_wait");
    now = now_us();
    for (int each = 0; each < ready && now < end_us && messages < messages_max; each++) {
      Connection *connection = events[each].data.ptr;
      now = now_us();
      bool readable = (events[each].events & ~(uint32_t)EPOLLOUT) != 0;
      if (readable && !receive(connection, now)) continue;
      send_more(connection, now);
    }
  }
}

static void report(const Edge *from, const Edge *to) {
  printf("{\"messages\":%llu,\"seconds\":%.6f,\"p50\":%llu,\"p99\":%llu,",
         (unsigned long long)messages, (double)(to->at_us - from->at_us) / 1e6,
         (unsigned long long)percentile(0.5), (unsigned long long)percentile(0.99));
  printf("\"serverCpuSeconds\":%.6f,\"clientCpuSeconds\":%.6f,", to->server_cpu - from->server_cpu,
         to->client_cpu - from->client_cpu);
  printf("\"errors\":%llu,\"firstError\":\"%s\"}\n", (unsigned long long)errors, first_error);
}

static void read_option(const char *name, const char *value) {
  if (strcmp(name, "--host") == 0) options.host = value;
  else if (strcmp(name, "--port") == 0) options.port = atoi(value);
  else if (strcmp(name, "--connections") == 0) options.connections = strtoull(value, NULL, 10);
  else if (strcmp(name, "--in-flight") == 0) options.in_flight = strtoull(value, NULL, 10);
  else if (strcmp(name, "--size") == 0) options.size = strtoull(value, NULL, 10);
  else if (strcmp(name, "--messages") == 0) options.messages = strtoull(value, NULL, 10);
  else if (strcmp(name, "--warm-up") == 0) options.warm_up = atof(value);
  else if (strcmp(name, "--seconds") == 0) options.seconds = atof(value);
  else if (strcmp(name, "--server-pid") == 0) options.server_pid = atol(value);
  else {
    fprintf(stderr, "echo-load: no option %s\n", name);
    exit(2);
  }
}

static void read_options(int count, char **arguments) {
  for (int at = 1; at < count; at += 2) {
    read_option(arguments[at], at + 1 < count ? arguments[at + 1] : "");
  }
  bool whole = options.host != NULL && options.port > 0 && options.connections > 0 &&
               options.in_flight > 0 && options.size >= STAMP_BYTES && options.seconds > 0;
  if (whole) return;
  fprintf(stderr, "echo-load: --host and --port are needed, --size is at least 8\n");
  exit(2);
}

int main(int count, char **arguments) {
  read_options(count, arguments);
  alarm((unsigned)(options.warm_up + options.seconds) + GRACE_SECONDS);
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  poller = epoll_create1(EPOLL_CLOEXEC);
  if (poller < 0) die("epoll_create1");
  fill_outgoing();
  open_all();

  uint64_t now = now_us();
  for (uint64_t each = 0; each < options.connections; each++) send_more(&connections[each], now);
  turn_until(now + (uint64_t)(options.warm_up * 1e6), UINT64_MAX);
  messages = 0;
  memset(histogram, 0, sizeof histogram);
  Edge from = edge();
  uint64_t messages_max = options.messages > 0 ? options.messages : UINT64_MAX;
  turn_until(from.at_us + (uint64_t)(options.seconds * 1e6), messages_max);
  Edge to = edge();
  report(&from, &to);
  return 0;
}
