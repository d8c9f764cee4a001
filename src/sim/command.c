/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "sim/command.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "base/attr.h"
#include "base/loop.h"
#include "base/parse.h"
#include "sim/fault.h"
#include "sim/sim.h"

enum {
	EXIT_USAGE = 64,
	EXIT_UNAVAILABLE = 69,
	EXIT_SOFTWARE = 70,
	LISTENERS_MAX = 16,
	KEYS_MAX = 33,
	SCRIPT_BYTES_MAX = 4 * 1024 * 1024,
};

struct command {
	struct sim_options options;
	const char *keys[KEYS_MAX]; /* ends with NULL */
	size_t key_count;
	struct {
		const char *address;
		enum sim_listener kind;
	} listeners[LISTENERS_MAX];
	size_t listener_count;
	const char *script, *ca_file;
};

static const char help[] =
    "usage: cometcanary-sim [OPTION]…\n"
    "A simulated provider of language models, with faults on demand.\n"
    "\n"
    "  --listen ADDR:PORT       HTTP there; repeatable; port 0 takes a free one [127.0.0.1:10078]\n"
    "  --tls-listen ADDR:PORT   HTTPS there; repeatable\n"
    "  --control-listen ADDR:PORT  HTTP there that faults of the connection leave alone\n"
    "  --ca-file PATH           write the certificate of the CA that signs the good certificate\n"
    "  --profile NAME           whose habits: comet, openai, anthropic, gemini [comet]\n"
    "  --key NAME=VALUE         a key that is good; repeatable [demo=sk-sim-demo]\n"
    "  --any-key                every key that is not empty is good\n"
    "  --latency LIST           like head=20ms,first=100ms,token=5ms [none]\n"
    "  --script FILE            fault rules, JSON\n"
    "  --seed N                 chance, identifiers and texts depend on it [0]\n"
    "  --clock SECONDS          the time that answers name, since 1970 [the real one]\n"
    "  --vary                   answers differ as those of a healthy provider may\n"
    "  --journal-bodies         keep the bodies of requests in the journal\n"
    "  --list-faults            print the catalogue of faults as JSON\n"
    "  --help, --version\n"
    "\n"
    "Faults, journal and counters over HTTP: GET /_sim/. Exit: 0, 64 usage, 69 cannot listen, 70 internal.\n";

static int ATTR_PRINTF(1, 2) usage_error(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	fputs("cometcanary-sim: ", stderr);
	vfprintf(stderr, format, args);
	fputs("\n", stderr);
	va_end(args);
	return EXIT_USAGE;
}

static int
take_listener(struct command *command, const char *address, enum sim_listener kind)
{
	if (command->listener_count == LISTENERS_MAX)
		return usage_error("there can be %d listeners", LISTENERS_MAX);
	command->listeners[command->listener_count].address = address;
	command->listeners[command->listener_count++].kind = kind;
	return 0;
}

static int
take_latency(struct command *command, const char *list)
{
	struct str rest = str_of(list);
	while (rest.at) {
		struct str value = str_split(&rest, ',');
		struct str name = str_split(&value, '=');
		int64_t *to = str_eq(name, STR("head")) ? &command->options.head_ns
		    : str_eq(name, STR("first"))        ? &command->options.first_ns
		    : str_eq(name, STR("token"))        ? &command->options.token_ns
							: NULL;
		if (!to || !value.at || !parse_duration(value, to))
			return usage_error("--latency %s: write it like head=20ms,first=100ms,token=5ms", list);
	}
	return 0;
}

static int
take_number(const char *option, const char *text, uint64_t *ret_number)
{
	if (parse_u64(str_of(text), ret_number) && *ret_number <= INT64_MAX)
		return 0;
	return usage_error("--%s %s: must be a whole number", option, text);
}

static int
take_key(struct command *command, const char *pair)
{
	if (command->key_count == KEYS_MAX - 1)
		return usage_error("there can be %d keys", KEYS_MAX - 1);
	command->keys[command->key_count++] = pair;
	command->options.keys = command->keys;
	return 0;
}

static int
list_faults(void)
{
	auto_buf struct buf out = BUF_INIT(SCRIPT_BYTES_MAX);
	fault_write_catalogue(&out);
	printf("%s\n", buf_cstr(&out));
	return 0;
}

enum flag {
	FLAG_LISTEN,
	FLAG_TLS_LISTEN,
	FLAG_CONTROL_LISTEN,
	FLAG_CA_FILE,
	FLAG_PROFILE,
	FLAG_KEY,
	FLAG_ANY_KEY,
	FLAG_LATENCY,
	FLAG_SCRIPT,
	FLAG_SEED,
	FLAG_CLOCK,
	FLAG_VARY,
	FLAG_JOURNAL_BODIES,
	FLAG_LIST_FAULTS,
	FLAG_HELP,
	FLAG_VERSION,
};

static const struct option flags[] = {
	{ "listen", required_argument, NULL, FLAG_LISTEN },
	{ "tls-listen", required_argument, NULL, FLAG_TLS_LISTEN },
	{ "control-listen", required_argument, NULL, FLAG_CONTROL_LISTEN },
	{ "ca-file", required_argument, NULL, FLAG_CA_FILE },
	{ "profile", required_argument, NULL, FLAG_PROFILE },
	{ "key", required_argument, NULL, FLAG_KEY },
	{ "any-key", no_argument, NULL, FLAG_ANY_KEY },
	{ "latency", required_argument, NULL, FLAG_LATENCY },
	{ "script", required_argument, NULL, FLAG_SCRIPT },
	{ "seed", required_argument, NULL, FLAG_SEED },
	{ "clock", required_argument, NULL, FLAG_CLOCK },
	{ "vary", no_argument, NULL, FLAG_VARY },
	{ "journal-bodies", no_argument, NULL, FLAG_JOURNAL_BODIES },
	{ "list-faults", no_argument, NULL, FLAG_LIST_FAULTS },
	{ "help", no_argument, NULL, FLAG_HELP },
	{ "version", no_argument, NULL, FLAG_VERSION },
	{ NULL, 0, NULL, 0 },
};

enum { GO_ON = -1 };

/* GO_ON, or the exit code. */
static int
take_flag(struct command *command, int flag)
{
	struct sim_options *options = &command->options;
	uint64_t number = 0;
	int rc = 0;
	switch (flag) {
	case FLAG_LISTEN:
		rc = take_listener(command, optarg, SIM_HTTP);
		break;
	case FLAG_TLS_LISTEN:
		rc = take_listener(command, optarg, SIM_TLS);
		break;
	case FLAG_CONTROL_LISTEN:
		rc = take_listener(command, optarg, SIM_CONTROL);
		break;
	case FLAG_CA_FILE:
		command->ca_file = optarg;
		break;
	case FLAG_PROFILE:
		options->profile = optarg;
		break;
	case FLAG_KEY:
		rc = take_key(command, optarg);
		break;
	case FLAG_ANY_KEY:
		options->any_key = true;
		break;
	case FLAG_LATENCY:
		rc = take_latency(command, optarg);
		break;
	case FLAG_SCRIPT:
		command->script = optarg;
		break;
	case FLAG_SEED:
		rc = take_number("seed", optarg, &options->seed);
		break;
	case FLAG_CLOCK:
		rc = take_number("clock", optarg, &number);
		options->clock_s = (int64_t)number;
		break;
	case FLAG_VARY:
		options->vary = true;
		break;
	case FLAG_JOURNAL_BODIES:
		options->journal_bodies = true;
		break;
	case FLAG_LIST_FAULTS:
		return list_faults();
	case FLAG_HELP:
		fputs(help, stdout);
		return 0;
	case FLAG_VERSION:
		puts("cometcanary-sim " PACKAGE_VERSION);
		return 0;
	default:
		return EXIT_USAGE; /* getopt has said why */
	}
	return rc == 0 ? GO_ON : rc;
}

static int
take_flags(struct command *command, int argc, char **argv)
{
	int flag, rc;
	while ((flag = getopt_long(argc, argv, "", flags, NULL)) >= 0)
		if ((rc = take_flag(command, flag)) != GO_ON)
			return rc;
	if (optind < argc)
		return usage_error("%s: no such argument; see --help", argv[optind]);
	if (command->listener_count == 0)
		return take_listener(command, "127.0.0.1:10078", SIM_HTTP) == 0 ? GO_ON : EXIT_SOFTWARE;
	return GO_ON;
}

static int
read_script(struct sim *sim, const char *path)
{
	auto_buf struct buf text = BUF_INIT(SCRIPT_BYTES_MAX);
	auto_buf struct buf error = BUF_INIT(SCRIPT_BYTES_MAX);
	FILE *file = fopen(path, "re");
	if (!file)
		return usage_error("%s: %s", path, strerror(errno));
	char *to;
	size_t got = 1;
	while (got > 0 && (to = buf_reserve(&text, BUFSIZ)))
		text.len += got = fread(to, 1, BUFSIZ, file);
	bool failed = ferror(file) || text.overflow;
	fclose(file);
	if (failed)
		return usage_error("%s: cannot be read, or is larger than %d bytes", path, SCRIPT_BYTES_MAX);
	if (!sim_script(sim, buf_view(&text), &error))
		return usage_error("%s: %s", path, buf_cstr(&error));
	return 0;
}

static int
write_ca(struct sim *sim, const char *path)
{
	struct str ca = sim_ca(sim);
	FILE *file = ca.at ? fopen(path, "we") : NULL;
	bool written = file && fwrite(ca.at, 1, ca.len, file) == ca.len;
	if (file && fclose(file) != 0)
		written = false;
	if (!written)
		return usage_error("%s: %s", path, ca.at ? strerror(errno) : "there is no TLS");
	return 0;
}

static int
open_all(struct sim *sim, const struct command *command)
{
	int rc = 0;
	if (command->script)
		rc = read_script(sim, command->script);
	if (rc == 0 && command->ca_file)
		rc = write_ca(sim, command->ca_file);
	for (size_t i = 0; i < command->listener_count && rc == 0; i++) {
		auto_buf struct buf url = BUF_INIT(256);
		int error = sim_listen(sim, command->listeners[i].address, command->listeners[i].kind, &url);
		if (error < 0) {
			(void)usage_error("%s: %s", command->listeners[i].address, strerror(-error));
			rc = error == -EINVAL ? EXIT_USAGE : EXIT_UNAVAILABLE;
		} else {
			printf("listening %s%s\n", buf_cstr(&url),
			    command->listeners[i].kind == SIM_CONTROL ? " control" : "");
		}
	}
	fflush(stdout);
	return rc;
}

static void
on_signal(void *arg, int signo)
{
	(void)signo;
	loop_stop(arg);
}

/* A thousand streams are a thousand descriptors. */
static void
raise_descriptor_limit(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

int
command_run(int argc, char **argv)
{
	struct command command = { .key_count = 0 };
	auto_buf struct buf error = BUF_INIT(SCRIPT_BYTES_MAX);
	int rc = take_flags(&command, argc, argv);
	if (rc != GO_ON)
		return rc;
	raise_descriptor_limit();
	signal(SIGPIPE, SIG_IGN);
	struct loop *loop = loop_uv_new();
	if (!loop)
		return EXIT_SOFTWARE;
	struct sim *sim = sim_new(loop, &command.options, &error);
	if (!sim)
		rc = usage_error("%s", buf_cstr(&error));
	else
		rc = open_all(sim, &command);
	if (rc == 0 &&
	    (loop_signal(loop, SIGTERM, on_signal, loop) < 0 || loop_signal(loop, SIGINT, on_signal, loop) < 0))
		rc = EXIT_SOFTWARE;
	if (rc == 0)
		loop_run(loop);
	sim_free(sim);
	loop_free(loop);
	return rc;
}
