
/*
 * Copyright (C) the nginx-workers authors
 *
 * websocket PORT CLIENTS SECONDS [PATH]
 *
 * Clients on one thread that send a message of 32 bytes each, wait for its
 * echo and send the next.  Prints the messages per second.  SECONDS 0: opens
 * the sockets, says so, and keeps them until its input ends.
 */


#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>


#define SIZE  32


/* Masked with zeros: the payload is as it is. */
static unsigned char  frame[6 + SIZE];


static double
now(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);

    return ts.tv_sec + ts.tv_nsec / 1e9;
}


static void
fail(const char *what)
{
    fprintf(stderr, "websocket: %s: %s\n", what, strerror(errno));
    exit(1);
}


static int
dial(int port, const char *path)
{
    int                 fd, one, n, len;
    char                buf[4096];
    struct sockaddr_in  sin;

    fd = socket(AF_INET, SOCK_STREAM, 0);

    memset(&sin, 0, sizeof(sin));
    sin.sin_family = AF_INET;
    sin.sin_port = htons(port);
    sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);

    if (fd < 0 || connect(fd, (struct sockaddr *) &sin, sizeof(sin)) != 0) {
        fail("connect");
    }

    one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));

    len = snprintf(buf, sizeof(buf), "GET %s HTTP/1.1\r\n"
                   "Host: localhost\r\nUpgrade: websocket\r\n"
                   "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                   "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", path);

    if (write(fd, buf, len) != len) {
        fail("write");
    }

    for (len = 0; /* void */ ; len += n) {
        n = read(fd, buf + len, sizeof(buf) - 1 - len);

        if (n <= 0) {
            fail("handshake");
        }

        buf[len + n] = '\0';

        if (strstr(buf, "\r\n\r\n") != NULL) {
            break;
        }
    }

    if (strncmp(buf, "HTTP/1.1 101", 12) != 0) {
        fprintf(stderr, "websocket: %.40s\n", buf);
        exit(1);
    }

    return fd;
}


int
main(int argc, char **argv)
{
    int                  ep, i, n, clients, fd, *got;
    char                 buf[4096];
    double               start, end, seconds;
    const char          *path;
    struct rlimit        limit;
    unsigned long        messages;
    struct epoll_event   ev, events[256];

    if (argc < 4) {
        fprintf(stderr, "usage: websocket PORT CLIENTS SECONDS [PATH]\n");
        return 1;
    }

    clients = atoi(argv[2]);
    seconds = atof(argv[3]);
    path = (argc > 4) ? argv[4] : "/";

    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);

    frame[0] = 0x81;
    frame[1] = 0x80 | SIZE;
    memset(frame + 6, 'x', SIZE);

    got = calloc(clients + 1024, sizeof(int));
    ep = epoll_create1(0);

    for (i = 0; i < clients; i++) {
        fd = dial(atoi(argv[1]), path);

        if (fd >= clients + 1024) {
            fail("descriptors");
        }

        ev.events = EPOLLIN;
        ev.data.fd = fd;
        epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev);
        got[fd] = 1;
    }

    if (seconds == 0) {
        printf("open\n");
        fflush(stdout);

        while (read(0, buf, sizeof(buf)) > 0) { /* void */ }

        return 0;
    }

    for (fd = 0; fd < clients + 1024; fd++) {
        if (got[fd]) {
            got[fd] = 0;

            if (write(fd, frame, sizeof(frame)) != sizeof(frame)) {
                fail("write");
            }
        }
    }

    messages = 0;
    start = now();

    do {
        n = epoll_wait(ep, events, 256, 1000);

        for (i = 0; i < n; i++) {
            int  len;

            fd = events[i].data.fd;
            len = read(fd, buf, sizeof(buf));

            if (len <= 0) {
                fail("read");
            }

            got[fd] += len;

            if (got[fd] == 2 + SIZE) {
                got[fd] = 0;
                messages++;

                if (write(fd, frame, sizeof(frame)) != sizeof(frame)) {
                    fail("write");
                }
            }
        }

        end = now();

    } while (end - start < seconds);

    printf("%.0f\n", messages / (end - start));

    return 0;
}
