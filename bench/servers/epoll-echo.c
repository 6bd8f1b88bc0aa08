/*
 * TCP echo on a bare epoll loop: what the machine itself takes for the work.
 *
 * One thread, level-triggered, one read and one write for what is there. While a peer does not
 * take its echo, nothing more is read from it. Prints its port, and runs until SIGTERM.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* As much as Node reads at once. */
#define READ_BYTES (64 * 1024)

typedef struct {
  int fd;
  uint8_t *rest; /* what the peer has not taken yet */
  size_t rest_bytes;
} Connection;

static int poller;
static uint8_t buffer[READ_BYTES];

static void die(const char *what) {
  fprintf(stderr, "epoll-echo: %s: %s\n", what, strerror(errno));
  exit(1);
}

static void watch(Connection *connection, int operation, uint32_t events) {
  struct epoll_event event = {.events = events, .data.ptr = connection};
  if (epoll_ctl(poller, operation, connection->fd, &event) != 0) die("epoll_ctl");
}

static void drop(Connection *connection) {
  close(connection->fd);
  free(connection->rest);
  free(connection);
}

static void keep(Connection *connection, const uint8_t *bytes, size_t length) {
  connection->rest = malloc(length);
  if (connection->rest == NULL) die("memory");
  memcpy(connection->rest, bytes, length);
  connection->rest_bytes = length;
  watch(connection, EPOLL_CTL_MOD, EPOLLOUT);
}

/* Send; returns the number of bytes taken, or -1 when the connection is over. */
static ssize_t send_some(Connection *connection, const uint8_t *bytes, size_t length) {
  ssize_t taken = send(connection->fd, bytes, length, MSG_NOSIGNAL);
  if (taken < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
  if (taken < 0) drop(connection);
  return taken;
}

static void echo(Connection *connection) {
  ssize_t got = recv(connection->fd, buffer, READ_BYTES, 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) return drop(connection);
  ssize_t taken = send_some(connection, buffer, (size_t)got);
  if (taken >= 0 && taken < got) keep(connection, buffer + taken, (size_t)(got - taken));
}

static void send_rest(Connection *connection) {
  ssize_t taken = send_some(connection, connection->rest, connection->rest_bytes);
  if (taken < 0) return;
  connection->rest_bytes -= (size_t)taken;
  memmove(connection->rest, connection->rest + taken, connection->rest_bytes);
  if (connection->rest_bytes > 0) return;
  free(connection->rest);
  connection->rest = NULL;
  watch(connection, EPOLL_CTL_MOD, EPOLLIN);
}

static void add(int fd, uint32_t events) {
  Connection *connection = calloc(1, sizeof *connection);
  if (connection == NULL) die("memory");
  connection->fd = fd;
  watch(connection, EPOLL_CTL_ADD, events);
}

static void accept_all(int listener) {
  for (;;) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    int on = 1;
    if (fd < 0 && errno != EINTR && errno != ECONNABORTED) return;
    if (fd < 0) continue;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    add(fd, EPOLLIN);
  }
}

static int listen_anywhere(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (listener < 0) die("socket");
  if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0) die("bind");
  if (listen(listener, 1024) != 0) die("listen");
  if (getsockname(listener, (struct sockaddr *)&address, &length) != 0) die("getsockname");
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  return listener;
}

int main(void) {
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  poller = epoll_create1(EPOLL_CLOEXEC);
  if (poller < 0) die("epoll_create1");
  int listener = listen_anywhere();
  add(listener, EPOLLIN);
  struct epoll_event events[256];
  for (;;) {
    int ready = epoll_wait(poller, events, 256, -1);
    if (ready < 0 && errno != EINTR) die("epoll_wait");
    for (int each = 0; each < ready; each++) {
      Connection *connection = events[each].data.ptr;
      if (connection->fd == listener) accept_all(listener);
      else if (connection->rest != NULL) send_rest(connection);
      else echo(connection);
    }
  }
}
