/*
 * rgrid-init: the first process of a slot. It waits, starts a script when told to, carries its streams, and makes sure
 * that nothing of it outlives the slot, nor is there for the next. One static program: no configuration, a few fixed
 * buffers.
 *
 *   rgrid-init [--host] [--uid N] [--gid N] [--idle-ms N] [--outlet PATH]
 *
 *   --uid, --gid  whom the script runs as (default 10001); ignored when not started as root
 *   --idle-ms     how long to wait for a start before giving up (default one day)
 *   --outlet      a listening unix socket to speak to instead of stdout, should it answer
 *   --host        not pid 1 of a pid namespace: keep the user, adopt orphans, find descendants through /proc
 *
 * It speaks frames over stdin and stdout: `u8 type, u32le length, payload`; all integers little endian,
 * `str` is `u32 length, bytes`.
 *
 *   to the init                                        from the init
 *   S start   u64 deadline ms, u32 argc, str...,       R ready    u32 version, u32 stdin credit (also answers P)
 *             u32 envc, str "K=V"..., str cwd          B begun    u32 pid: the program was executed
 *   I bytes for stdin (at most the credit given)       O stdout bytes     e stderr bytes
 *   E end of stdin                                     W credit   u32: so many more stdin bytes may be sent
 *   D deadline u64 ms from now                         F failure  u32 errno, bytes: stage (exec, cwd, user, ...)
 *   K signal  u32 (9: everything dies)                 X exit     i32 status (-1: signalled), u32 signal,
 *   P ping                                                        u8 reason (0 exited, 1 deadline), u64 max rss,
 *   Q quit                                                        u64 memory peak, u64 oom kills, u64 cpu micros
 *   N next    u32 count, str... directories to leave              (all ones: unknown)
 *
 * N, after X or a failed start, clears away what the script left (sweep.c; on a host only processes) and makes the init
 * wait for another S: it answers R with all credit anew, or F reset. What the numbers of X count starts anew with S;
 * the memory peak, which a cgroup does not forget, is unknown from the second on.
 *
 * Rules. The end of stdin or of a deadline kills everything; deadlines run on CLOCK_BOOTTIME and one is always armed.
 * Every descriptor is non-blocking: while the runner does not read, the script's pipes are not read either, yet orders
 * are still obeyed. X comes after every output byte, when no process of the script is left.
 */
#define _GNU_SOURCE
#include "sweep.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define VERSION 2
#define CREDIT (256u << 10)      /* stdin bytes held for a script that does not read */
#define CHUNK (64u << 10)        /* output bytes of one frame */
#define OUT_SIZE (512u << 10)    /* frames waiting for the runner */
#define RESERVE 4096u            /* room in it that only control frames may use */
#define MAX_START (16u << 20)    /* a start frame: arguments and environment */
#define MAX_FRAME CREDIT
#define UNKNOWN UINT64_MAX
#define FLUSH_MS 5000            /* after a deadline: time to hand over what is known */
#define LINGER_MS 60000          /* after X: time to be told to quit */
#define RESET_MS 10000           /* to clear away what a script left */

enum state { IDLE, STARTING, RUNNING, KILLING, DONE, CLEARING };

static enum state state = IDLE;
static int host, reason, main_status, main_done, expired, owe_ready, in_ended, used;
static uid_t uid = 10001;
static gid_t gid = 10001;
static pid_t main_pid = -1, sweeper = -1;
static char **keep;
static uint64_t idle_ms = 86400000;
static int sig_fd, timer_fd, error_fd = -1, stdin_fd = -1, stdout_fd = -1, stderr_fd = -1;
static uint64_t cpu_before, oom_before, run_micros, run_rss; /* of this script's dead */

static uint8_t out[OUT_SIZE];
static uint32_t out_head, out_tail; /* bytes [head, tail) wait to be written */
static uint8_t hold[CREDIT];
static uint32_t hold_head, hold_length, credit_owed; /* ring of stdin bytes */
static uint8_t *in;
static uint32_t in_length, in_capacity;

/* ---- small things ---- */

static uint32_t get32(const uint8_t *p) {
  return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}
static uint64_t get64(const uint8_t *p) { return get32(p) | (uint64_t)get32(p + 4) << 32; }
static void put32(uint8_t *p, uint32_t v) {
  for (int i = 0; i < 4; i++) p[i] = (uint8_t)(v >> (8 * i));
}
static void put64(uint8_t *p, uint64_t v) {
  put32(p, (uint32_t)v);
  put32(p + 4, (uint32_t)(v >> 32));
}
static void close_fd(int *fd) {
  if (*fd >= 0) close(*fd);
  *fd = -1;
}
static void nonblock(int fd) { fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK); }
static int would_block(void) { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

static void arm(uint64_t ms) {
  if (ms < 1) ms = 1;
  if (ms > 366ull * 86400000) ms = 366ull * 86400000;
  struct itimerspec at = {.it_value = {(time_t)(ms / 1000), (long)(ms % 1000) * 1000000}};
  timerfd_settime(timer_fd, 0, &at, NULL);
}

/* ---- what the cgroup knows (v2 first, then v1), seen from inside the container ---- */

static uint64_t number_in(const char *path, const char *key) {
  char text[4096];
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return UNKNOWN;
  ssize_t n = read(fd, text, sizeof text - 1);
  close(fd);
  if (n <= 0) return UNKNOWN;
  text[n] = 0;
  if (!*key) return strtoull(text, NULL, 10);
  size_t length = strlen(key);
  for (char *line = text; line; line = strchr(line, '\n')) {
    if (*line == '\n') line++;
    if (!strncmp(line, key, length) && line[length] == ' ') return strtoull(line + length, NULL, 10);
  }
  return UNKNOWN;
}

static uint64_t cgroup_oom_kills(void) {
  uint64_t n = number_in("/sys/fs/cgroup/memory.events", "oom_kill");
  return n != UNKNOWN ? n : number_in("/sys/fs/cgroup/memory/memory.oom_control", "oom_kill");
}
static uint64_t cgroup_peak(void) {
  uint64_t n = number_in("/sys/fs/cgroup/memory.peak", "");
  return n != UNKNOWN ? n : number_in("/sys/fs/cgroup/memory/memory.max_usage_in_bytes", "");
}
static uint64_t cgroup_cpu_micros(void) {
  uint64_t n = number_in("/sys/fs/cgroup/cpu.stat", "usage_usec");
  if (n != UNKNOWN) return n;
  n = number_in("/sys/fs/cgroup/cpuacct/cpuacct.usage", "");
  return n == UNKNOWN ? UNKNOWN : n / 1000;
}

/* ---- killing ---- */

/* Every descendant by way of /proc. Orphans are ours too (subreaper), so none escapes by double forking. */
static int signal_descendants(int signal) {
  static struct { pid_t pid, parent; char ours; } table[32768];
  int count = 0, found = 0, grew = 1;
  DIR *proc = opendir("/proc");
  if (!proc) return 0;
  for (struct dirent *entry; (entry = readdir(proc)) && count < 32768;) {
    char path[300], text[512];
    if (entry->d_name[0] < '0' || entry->d_name[0] > '9') continue;
    snprintf(path, sizeof path, "/proc/%s/stat", entry->d_name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) continue;
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    if (n <= 0) continue;
    text[n] = 0;
    char *end = strrchr(text, ')'), letter;
    int parent;
    if (!end || sscanf(end + 1, " %c %d", &letter, &parent) != 2) continue;
    table[count].pid = (pid_t)atoi(entry->d_name);
    table[count].parent = parent;
    table[count++].ours = parent == getpid() ? 1 : 0;
  }
  closedir(proc);
  while (grew) {
    grew = 0;
    for (int i = 0; i < count; i++) {
      if (table[i].ours) continue;
      for (int j = 0; j < count; j++)
        if (table[j].ours && table[j].pid == table[i].parent) table[i].ours = 1, grew = 1;
    }
  }
  for (int i = 0; i < count; i++)
    if (table[i].ours) found++, kill(table[i].pid, signal);
  return found;
}

static void signal_all(int signal) {
  if (host)
    signal_descendants(signal);
  else
    kill(-1, signal);
}

static uint64_t micros(struct timeval time) { return (uint64_t)time.tv_sec * 1000000u + (uint64_t)time.tv_usec; }

static void swept(int status);

/* Returns 1 when no child is left. */
static int reap(void) {
  for (;;) {
    int status;
    struct rusage used_up;
    pid_t pid = wait4(-1, &status, WNOHANG, &used_up);
    if (pid == 0) return 0;
    if (pid < 0) return errno == ECHILD;
    run_micros += micros(used_up.ru_utime) + micros(used_up.ru_stime);
    if ((uint64_t)used_up.ru_maxrss * 1024 > run_rss) run_rss = (uint64_t)used_up.ru_maxrss * 1024;
    if (pid == main_pid) main_status = status, main_done = 1;
    if (pid == sweeper) swept(status);
  }
}

/* In a pid namespace the kernel kills the rest as soon as the init is gone. On a host it takes a few passes. */
static void end(void) {
  if (host)
    for (int pass = 0; pass < 500; pass++) {
      signal_all(SIGKILL);
      if (reap()) break;
      usleep(10000);
    }
  _exit(0);
}

/* ---- frames to the runner ---- */

static uint32_t room(void) {
  if (out_head == out_tail) out_head = out_tail = 0;
  if (out_head && OUT_SIZE - out_tail < CHUNK + 5 + RESERVE) {
    memmove(out, out + out_head, out_tail - out_head);
    out_tail -= out_head;
    out_head = 0;
  }
  return OUT_SIZE - out_tail;
}

static void flush_out(void) {
  while (out_head < out_tail) {
    ssize_t n = write(1, out + out_head, out_tail - out_head);
    if (n < 0 && would_block()) return;
    if (n <= 0) end();
    out_head += (uint32_t)n;
  }
}

/* Control frames are few and small; the reserve always has room for them. */
static void tell(char type, const void *payload, uint32_t length) {
  if (room() < length + 5) return;
  out[out_tail] = (uint8_t)type;
  put32(out + out_tail + 1, length);
  if (length) memcpy(out + out_tail + 5, payload, length);
  out_tail += 5 + length;
}

static void send_failure(const char *stage, int error) {
  uint8_t payload[64];
  uint32_t length = (uint32_t)strnlen(stage, 60);
  put32(payload, (uint32_t)error);
  memcpy(payload + 4, stage, length);
  tell('F', payload, 4 + length);
}

static void send_ready(void) {
  uint8_t payload[8];
  put32(payload, VERSION);
  put32(payload + 4, CREDIT);
  tell('R', payload, 8);
}

static void send_exit(void) {
  uint8_t p[41];
  uint64_t peak = host || used ? UNKNOWN : cgroup_peak(), oom = host ? UNKNOWN : cgroup_oom_kills();
  uint64_t cpu = host ? UNKNOWN : cgroup_cpu_micros();
  cpu = cpu != UNKNOWN && cpu_before != UNKNOWN ? cpu - cpu_before : run_micros;
  put32(p, WIFEXITED(main_status) ? (uint32_t)WEXITSTATUS(main_status) : UINT32_MAX);
  put32(p + 4, WIFSIGNALED(main_status) ? (uint32_t)WTERMSIG(main_status) : 0);
  p[8] = (uint8_t)reason;
  put64(p + 9, run_rss);
  put64(p + 17, peak);
  put64(p + 25, oom == UNKNOWN || oom_before == UNKNOWN ? UNKNOWN : oom - oom_before);
  put64(p + 33, cpu);
  tell('X', p, sizeof p);
}

/* Moves one chunk of the script's output into the buffer. Returns 0 when there is no more for now. */
static int pump(int *fd, char type) {
  if (*fd < 0 || room() < CHUNK + 5 + RESERVE) return 0;
  ssize_t n = read(*fd, out + out_tail + 5, CHUNK);
  if (n < 0 && would_block()) return 0;
  if (n <= 0) return close_fd(fd), 0;
  out[out_tail] = (uint8_t)type;
  put32(out + out_tail + 1, (uint32_t)n);
  out_tail += 5 + (uint32_t)n;
  return 1;
}

/* ---- the script's stdin ---- */

static void discard_stdin(void) {
  credit_owed += hold_length;
  hold_length = 0;
  close_fd(&stdin_fd);
}

static void feed(void) {
  while (hold_length && stdin_fd >= 0) {
    uint32_t run = CREDIT - hold_head < hold_length ? CREDIT - hold_head : hold_length;
    ssize_t n = write(stdin_fd, hold + hold_head, run);
    if (n < 0 && would_block()) return;
    if (n <= 0) return discard_stdin(); /* the script closed it: what comes is read and dropped */
    hold_head = (hold_head + (uint32_t)n) % CREDIT;
    hold_length -= (uint32_t)n;
    credit_owed += (uint32_t)n;
  }
  if (!hold_length && in_ended) close_fd(&stdin_fd);
}

static void take_stdin(const uint8_t *bytes, uint32_t length) {
  if (length > CREDIT - hold_length) end(); /* more than the credit: not our runner */
  if (stdin_fd < 0 && state != IDLE) {
    credit_owed += length;
    return;
  }
  for (uint32_t i = 0; i < length;) {
    uint32_t tail = (hold_head + hold_length) % CREDIT;
    uint32_t run = CREDIT - tail < length - i ? CREDIT - tail : length - i;
    memcpy(hold + tail, bytes + i, run);
    hold_length += run;
    i += run;
  }
  feed();
}

/* ---- starting the script ---- */

struct start { char **argv, **envp, *cwd; };

struct cursor { const uint8_t *at, *end; int bad; };

static uint32_t next32(struct cursor *c) {
  if (c->end - c->at < 4) return c->bad = 1, 0;
  c->at += 4;
  return get32(c->at - 4);
}

static char *next_string(struct cursor *c) {
  uint32_t length = next32(c);
  if (c->bad || (uint64_t)(c->end - c->at) < length || memchr(c->at, 0, length)) return c->bad = 1, NULL;
  char *text = malloc((size_t)length + 1);
  if (!text) return c->bad = 1, NULL;
  memcpy(text, c->at, length);
  text[length] = 0;
  c->at += length;
  return text;
}

static char **next_list(struct cursor *c) {
  uint32_t count = next32(c);
  if (c->bad || count > (uint64_t)(c->end - c->at) / 4) return c->bad = 1, NULL;
  char **list = calloc((size_t)count + 1, sizeof *list);
  if (!list) return c->bad = 1, NULL;
  for (uint32_t i = 0; i < count && !c->bad; i++) list[i] = next_string(c);
  return list;
}

struct report { int error; char stage[12]; };

static void give_up(int fd, const char *stage) {
  struct report report = {.error = errno};
  snprintf(report.stage, sizeof report.stage, "%s", stage);
  if (write(fd, &report, sizeof report) < 0) _exit(126);
  _exit(127);
}

static void drop_user(int fd) {
  if (host || geteuid() != 0) return;
  if (setgroups(0, NULL) || setresgid(gid, gid, gid) || setresuid(uid, uid, uid)) give_up(fd, "user");
}

static void close_others(int keep) {
  fcntl(keep, F_SETFD, FD_CLOEXEC);
#ifndef SYS_close_range
#define SYS_close_range 436
#endif
  if (!syscall(SYS_close_range, 3u, ~0u, 4u /* CLOSE_RANGE_CLOEXEC */)) return;
  for (int fd = 3; fd < 65536; fd++) fcntl(fd, F_SETFD, FD_CLOEXEC);
}

static void execute(char **argv, char **envp) {
  if (!*argv[0]) return (void)(errno = ENOENT);
  if (strchr(argv[0], '/')) return (void)execve(argv[0], argv, envp);
  const char *path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  int refused = 0;
  for (char **e = envp; *e; e++)
    if (!strncmp(*e, "PATH=", 5)) path = *e + 5;
  for (const char *next; path; path = next) {
    const char *colon = strchr(path, ':');
    int length = colon ? (int)(colon - path) : (int)strlen(path);
    char full[4096];
    next = colon ? colon + 1 : NULL;
    int n = snprintf(full, sizeof full, "%.*s%s%s", length, path, length ? "/" : "", argv[0]);
    if (n >= (int)sizeof full) continue;
    if (!length && !strchr(full, '/')) n = snprintf(full, sizeof full, "./%s", argv[0]);
    execve(full, argv, envp);
    if (errno == EACCES) refused = 1;
    else if (errno != ENOENT && errno != ENOTDIR) return;
  }
  errno = refused ? EACCES : ENOENT;
}

static void become_script(struct start *start, int fds[3], int report_fd) {
  sigset_t none;
  struct rlimit no_core = {0, 0};
  for (int signal = 1; signal < 65; signal++)
    if (signal < 32 || signal > 34) sigaction(signal, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
  setsid();
  umask(022);
  setrlimit(RLIMIT_CORE, &no_core);
  if (host) prctl(PR_SET_DUMPABLE, 1); /* else a plain user may not write its own oom_score_adj */
  int adj = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (adj >= 0 && write(adj, "500", 3) < 0) errno = 0;
  if (adj >= 0) close(adj);
  for (int i = 0; i < 3; i++)
    if (dup2(fds[i], i) < 0) give_up(report_fd, "stdio");
  close_others(report_fd);
  drop_user(report_fd);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) && !host) give_up(report_fd, "privileges");
  if (chdir(start->cwd)) give_up(report_fd, "cwd"); /* as the script's user: root without DAC_OVERRIDE sees less */
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  execute(start->argv, start->envp);
  give_up(report_fd, "exec");
}

/* They belong to the script's user, else it could not open /dev/stdin, /dev/stdout and /dev/stderr. Made as that user
 * and not given to it afterwards: a slot has CAP_SETUID, but not CAP_CHOWN. */
static int script_pipes(int i[2], int o[2], int e[2]) {
  int drops = !host && geteuid() == 0;
  if (drops) setfsuid(uid);
  int failed = pipe2(i, O_CLOEXEC) || pipe2(o, O_CLOEXEC) || pipe2(e, O_CLOEXEC);
  int error = errno;
  if (drops) setfsuid(0);
  errno = error;
  return failed;
}

static void launch(struct start *start) {
  int i[2], o[2], e[2], r[2];
  if (script_pipes(i, o, e) || pipe2(r, O_CLOEXEC)) return send_failure("pipe", errno);
  fcntl(o[0], F_SETPIPE_SZ, 256 << 10);
  oom_before = cgroup_oom_kills();
  cpu_before = cgroup_cpu_micros();
  run_micros = run_rss = 0;
  main_pid = fork();
  if (main_pid < 0) return send_failure("fork", errno);
  if (main_pid == 0) {
    /* Above the range that dup2 is about to overwrite, should the runner have closed one of 0, 1, 2. */
    int fds[3] = {fcntl(i[0], F_DUPFD, 10), fcntl(o[1], F_DUPFD, 10), fcntl(e[1], F_DUPFD, 10)};
    become_script(start, fds, r[1]);
  }
  close(i[0]), close(o[1]), close(e[1]), close(r[1]);
  stdin_fd = i[1], stdout_fd = o[0], stderr_fd = e[0], error_fd = r[0];
  nonblock(stdin_fd), nonblock(stdout_fd), nonblock(stderr_fd), nonblock(error_fd);
  state = STARTING;
}

static void take_start(const uint8_t *payload, uint32_t length) {
  struct cursor c = {payload, payload + length, 0};
  struct start start;
  if (state != IDLE || main_pid > 0) return send_failure("twice", EALREADY);
  if (length < 8) return send_failure("start", EINVAL);
  c.at += 8;
  start.argv = next_list(&c);
  start.envp = c.bad ? NULL : next_list(&c);
  start.cwd = c.bad ? NULL : next_string(&c);
  if (c.bad || !start.argv[0]) return send_failure("start", EINVAL);
  arm(get64(payload));
  launch(&start);
}

/* The child's end of the report pipe closes on exec: no report means it runs. */
static void take_report(void) {
  struct report report;
  ssize_t n = read(error_fd, &report, sizeof report);
  if (n < 0 && would_block()) return;
  close_fd(&error_fd);
  if (n == (ssize_t)sizeof report) {
    report.stage[sizeof report.stage - 1] = 0;
    send_failure(report.stage, report.error);
    close_fd(&stdout_fd), close_fd(&stderr_fd);
    discard_stdin();
    state = DONE;
    return;
  }
  uint8_t payload[4];
  put32(payload, (uint32_t)main_pid);
  tell('B', payload, 4);
  state = RUNNING;
  feed();
}

/* ---- making room for the next script ---- */

static void become_sweeper(void) {
  sigset_t none;
  if (geteuid() == 0 && (setgroups(0, NULL) || setresgid(gid, gid, gid) || setresuid(uid, uid, uid))) _exit(errno);
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  _exit(sweep(uid, keep));
}

static void not_cleared(int error) {
  send_failure("reset", error);
  state = DONE;
  arm(LINGER_MS);
}

static void cleared(void) {
  hold_head = hold_length = credit_owed = 0;
  reason = main_status = main_done = expired = in_ended = 0;
  main_pid = -1;
  used = 1;
  state = IDLE;
  owe_ready = 1;
  arm(idle_ms);
}

static void swept(int status) {
  sweeper = -1;
  if (state != CLEARING) return;
  if (!WIFEXITED(status)) return not_cleared(EINTR);
  if (WEXITSTATUS(status)) return not_cleared(WEXITSTATUS(status));
  cleared();
}

/* As the script's own user: the init may neither remove its files nor look into its directories. */
static void clear_away(void) {
  if (host) return cleared();
  sweeper = fork();
  if (sweeper == 0) become_sweeper();
  if (sweeper < 0) not_cleared(errno);
}

static void take_next(const uint8_t *payload, uint32_t length) {
  struct cursor c = {payload, payload + length, 0};
  if (state != IDLE && state != DONE) return send_failure("reset", EBUSY);
  for (char **path = keep; path && *path; path++) free(*path);
  free(keep);
  keep = next_list(&c);
  if (c.bad) return keep = NULL, send_failure("reset", EINVAL);
  discard_stdin();
  state = CLEARING;
  arm(RESET_MS);
}

/* ---- orders ---- */

static void take_frame(char type, const uint8_t *payload, uint32_t length) {
  switch (type) {
    case 'S': return take_start(payload, length);
    case 'I': return take_stdin(payload, length);
    case 'E': in_ended = 1; return feed();
    case 'D': if (length == 8 && !expired && state != DONE && state != CLEARING) arm(get64(payload)); return;
    case 'K': if (length == 4 && state != IDLE && state != CLEARING) signal_all((int)get32(payload)); return;
    case 'N': return take_next(payload, length);
    case 'P': owe_ready = 1; return;
    default: end(); /* Q, or something we do not speak */
  }
}

static void read_orders(void) {
  for (int turns = 0; turns < 16; turns++) {
    ssize_t n = read(0, in + in_length, in_capacity - in_length);
    if (n < 0 && would_block()) return;
    if (n <= 0) end();
    in_length += (uint32_t)n;
    uint32_t at = 0;
    while (in_length - at >= 5) {
      uint32_t length = get32(in + at + 1);
      if (length > (in[at] == 'S' ? MAX_START : MAX_FRAME)) end();
      if (in_length - at < 5 + length) {
        if (5 + length > in_capacity) {
          in = realloc(in, in_capacity = 5 + length);
          if (!in) end();
        }
        break;
      }
      take_frame((char)in[at], in + at + 5, length);
      at += 5 + length;
    }
    memmove(in, in + at, in_length - at);
    in_length -= at;
  }
}

static void deadline(void) {
  uint64_t ticks;
  if (read(timer_fd, &ticks, sizeof ticks) < 0) return;
  if (state == IDLE || state == DONE || state == CLEARING || expired) end();
  expired = 1;
  if (!main_done) reason = 1;
  signal_all(SIGKILL);
  arm(FLUSH_MS);
}

/* Called after every wake-up: the main process may be gone, and then everything else has to go. */
static void settle(void) {
  int alone = reap();
  if (state == STARTING && main_done) take_report();
  if (state == CLEARING && sweeper < 0) {
    if (alone) return clear_away();
    signal_all(SIGKILL); /* a program that could not be executed may still be about to go */
  }
  if (state != RUNNING && state != KILLING) return;
  if (!main_done) return;
  if (state == RUNNING) {
    state = KILLING;
    discard_stdin();
  }
  if (!alone) {
    signal_all(SIGKILL);
    alone = reap();
  }
  if (!alone) return;
  /* Nobody is left to write: what the pipes hold is all there is, even if a stranger kept an end open. */
  while (pump(&stdout_fd, 'O') || pump(&stderr_fd, 'e')) {}
  if (room() < CHUNK + 5 + RESERVE) return;
  close_fd(&stdout_fd), close_fd(&stderr_fd);
  send_exit();
  state = DONE;
  arm(LINGER_MS);
}

static void loop(void) {
  for (;;) {
    flush_out();
    if (owe_ready && room() >= 64) owe_ready = 0, send_ready();
    if (credit_owed && room() >= 64) {
      uint8_t payload[4];
      put32(payload, credit_owed);
      credit_owed = 0;
      tell('W', payload, 4);
    }
    flush_out();
    int space = room() >= CHUNK + 5 + RESERVE && (state == RUNNING || state == KILLING);
    struct pollfd fds[] = {
      {0, POLLIN, 0}, {1, out_head < out_tail ? POLLOUT : 0, 0}, {sig_fd, POLLIN, 0}, {timer_fd, POLLIN, 0},
      {error_fd, POLLIN, 0}, {hold_length ? stdin_fd : -1, POLLOUT, 0},
      {space ? stdout_fd : -1, POLLIN, 0}, {space ? stderr_fd : -1, POLLIN, 0}
    };
    int wait = host && (state == KILLING || state == CLEARING) ? 10 : -1;
    if (poll(fds, 8, wait) < 0 && errno != EINTR) end();
    if (fds[0].revents) read_orders();
    if (fds[1].revents & (POLLERR | POLLHUP | POLLNVAL)) end();
    if (fds[3].revents) deadline();
    if (fds[4].revents) take_report();
    if (fds[5].revents) feed();
    if (fds[6].revents) pump(&stdout_fd, 'O');
    if (fds[7].revents) pump(&stderr_fd, 'e');
    struct signalfd_siginfo info[8];
    if (fds[2].revents && read(sig_fd, info, sizeof info) < 0 && !would_block()) end();
    settle();
  }
}

/* A kernel that shares no sockets with the runner's, or a policy that forbids this one, leaves us our stdout. What was
 * stdout stays open otherwise: its end tells the runner that we are gone. */
static void use_outlet(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) return;
  strcpy(address.sun_path, path);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return;
  if (!connect(fd, (struct sockaddr *)&address, sizeof address) && fcntl(1, F_DUPFD_CLOEXEC, 3) > 0) dup2(fd, 1);
  close(fd);
}

static void arguments(int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    if (!strcmp(argv[i], "--host")) host = 1;
    else if (i + 1 < argc && !strcmp(argv[i], "--uid")) uid = (uid_t)strtoul(argv[++i], NULL, 10);
    else if (i + 1 < argc && !strcmp(argv[i], "--gid")) gid = (gid_t)strtoul(argv[++i], NULL, 10);
    else if (i + 1 < argc && !strcmp(argv[i], "--outlet")) use_outlet(argv[++i]);
    else if (i + 1 < argc && !strcmp(argv[i], "--idle-ms")) idle_ms = strtoull(argv[++i], NULL, 10);
    else _exit(64);
  }
}

int main(int argc, char **argv) {
  sigset_t all, child;
  arguments(argc, argv);
  prctl(PR_SET_DUMPABLE, 0); /* closes /proc/<init>/fd and mem: a script can't forge frames */
  if (host) prctl(PR_SET_CHILD_SUBREAPER, 1);
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, NULL);
  signal(SIGPIPE, SIG_IGN);
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  sig_fd = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
  timer_fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
  in = malloc(in_capacity = MAX_FRAME + 5);
  if (sig_fd < 0 || timer_fd < 0 || !in) return 70;
  nonblock(0), nonblock(1);
  arm(idle_ms);
  owe_ready = 1;
  loop();
}
