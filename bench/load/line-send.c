/*
 * Sends a number of CRLF lines of one length to a TCP port, as fast as the receiver takes them.
 *
 *     000042 abcdefghij...CRLF      six digits count 0 to 999 and begin again
 *
 *     line-send PORT BYTES LINES    BYTES of one line, CRLF included, at least 9
 *
 * Always ends by itself: an alarm ends it when the receiver does not.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BLOCK_LINES 1000
#define SECONDS_MAX 60

static void die(const char *what) {
  fprintf(stderr, "line-send: %s: %s\n", what, strerror(errno));
  exit(1);
}

static char *block_of(size_t bytes) {
  char *block = malloc(BLOCK_LINES * bytes);
  if (block == NULL) die("memory");
  for (size_t line = 0; line < BLOCK_LINES; line++) {
    char *at = block + line * bytes, digits[16];
    for (size_t letter = 0; letter < bytes; letter++) at[letter] = (char)('a' + letter % 26);
    snprintf(digits, sizeof digits, "%06zu ", line);
    memcpy(at, digits, 7);
    memcpy(at + bytes - 2, "\r\n", 2);
  }
  return block;
}

static void send_all(int fd, const char *bytes, size_t length) {
  while (length > 0) {
    ssize_t taken = send(fd, bytes, length, MSG_NOSIGNAL);
    if (taken < 0 && errno != EINTR) die("send");
    if (taken < 0) continue;
    bytes += taken;
    length -= (size_t)taken;
  }
}

int main(int count, char **arguments) {
  size_t bytes = count == 4 ? strtoull(arguments[2], NULL, 10) : 0;
  if (bytes < 9) {
    fprintf(stderr, "usage: line-send PORT BYTES LINES\n");
    return 2;
  }
  alarm(SECONDS_MAX);
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)atoi(arguments[1])),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) die("socket");
  if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) die("connect");
  char *block = block_of(bytes);
  for (uint64_t left = strtoull(arguments[3], NULL, 10); left > 0;) {
    uint64_t lines = left < BLOCK_LINES ? left : BLOCK_LINES;
    send_all(fd, block, lines * bytes);
    left -= lines;
  }
  shutdown(fd, SHUT_WR);
  /* Until the receiver has taken everything and closed. */
  char answer[64];
  while (recv(fd, answer, sizeof answer, 0) > 0) continue;
  return 0;
}
