/* Another date and hour for every program that is started with this library preloaded.

   CLOCK_AHEAD is the number of seconds by which its clock is ahead of the machine's, below zero for
   the past. Clocks that only measure how long something takes stay as they are, and so do sleeps and
   waits, which is why a wait until some hour is told what the machine calls that hour. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static time_t ahead;

/* Once, because programs may change their environment while others of their threads ask the time. */
__attribute__((constructor)) static void begin(void) {
    const char *seconds = getenv("CLOCK_AHEAD");
    if (seconds) ahead = atol(seconds);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int failed = (int)syscall(SYS_clock_gettime, clock, now);
    if (!failed && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += ahead;
    return failed;
}

int gettimeofday(struct timeval *now, void *zone) {
    struct timespec precise;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &precise);
    now->tv_sec = precise.tv_sec;
    now->tv_usec = precise.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *also) {
    struct timespec precise;
    clock_gettime(CLOCK_REALTIME, &precise);
    if (also) *also = precise.tv_sec;
    return precise.tv_sec;
}

int sem_timedwait(sem_t *semaphore, const struct timespec *until) {
    static int (*wait)(sem_t *, const struct timespec *);
    if (!wait) *(void **)&wait = dlsym(RTLD_NEXT, "sem_timedwait");
    struct timespec here = {until->tv_sec - ahead, until->tv_nsec};
    return wait(semaphore, &here);
}
