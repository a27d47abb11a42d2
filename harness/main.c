/* SPDX-License-Identifier: MIT */
/* The program `harness`: reads the command line, starts the command, and turns what it says into an exit code. */
#include <errno.h>
#include <fcntl.h>
#include <harness_paths.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/command.h"
#include "harness/options.h"
#include "harness/outcome.h"

/* The only global of the program: a signal handler can reach nothing else. Holds the number of the signal. */
static volatile sig_atomic_t stop_signal;

static void stop(int number) {
    static const char WORDS[] = "\nharness: stopping; once more stops at once\n";
    if (stop_signal != 0)
        _exit(128 + number);
    stop_signal = number;
    ssize_t ignored = write(STDERR_FILENO, WORDS, sizeof WORDS - 1);
    (void)ignored;
}

/* A caller's habits must not reach in here: with SIGCHLD ignored the kernel throws away how a child ended, and a
 * blocked signal makes us deaf. A file that grows past the caller's limit is an error of a write, like a closed pipe.
 */
static void catch_signals(void) {
    struct sigaction action = {.sa_handler = stop};
    sigset_t none;
    sigemptyset(&none);
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
    sigaction(SIGXFSZ, &action, NULL);
    action.sa_handler = SIG_DFL;
    sigaction(SIGCHLD, &action, NULL);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* A closed standard stream would be the next file that is opened, and our words would go into that. Reopened for the
 * wrong direction it stays closed to us, and writing to it is an error, as it should be. */
static void hold_streams(void) {
    static const int direction[] = {O_WRONLY, O_RDONLY, O_RDONLY};
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
            open("/dev/null", direction[fd]);
}

static int act(const struct options *options) {
    switch (options->action) {
    case OPTIONS_HELP:
        options_help(options->command, stdout);
        return EXIT_ACCEPTED;
    case OPTIONS_VERSION:
        printf("harness %s\n", HARNESS_VERSION);
        return EXIT_ACCEPTED;
    case OPTIONS_OVERVIEW: /* no command: a script that lost its word must not look successful */
        options_overview(stdout);
        return EXIT_USAGE;
    case OPTIONS_COMMAND:
        break;
    }
    return options->command->run(options, &stop_signal);
}

int main(int argc, char **argv) {
    struct options options;
    struct error error;
    hold_streams();
    setlocale(LC_CTYPE, "C.UTF-8"); /* widths of characters; numbers stay in the C locale */
    if (options_parse(argc, argv, &options, &error) != 0)
        return command_fail(&error);
    catch_signals();
    int code = act(&options);
    options_release(&options);
    if ((fflush(stdout) != 0 || ferror(stdout)) && code < EXIT_OPERATOR) {
        error_errno(&error, "cannot write to the standard output");
        code = command_fail(&error);
    }
    return code;
}
