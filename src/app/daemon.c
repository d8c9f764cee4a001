/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/daemon.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "app/conf_file.h"
#include "app/daemon_options.h"
#include "app/engine.h"
#include "app/notify.h"
#include "app/reload.h"
#include "app/version.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/random.h"
#include "base/xalloc.h"
#include "config/load.h"
#include "record/metrics.h"
#include "transport/transport.h"

/* What runs under way get to end after the first SIGTERM. Less than the 30 s that Kubernetes gives. */
#define DRAIN_NS (25 * NS_PER_SEC)

enum { LOG_PATIENCE_MS = 2000, STATUS_MAX = 256 };

struct daemon {
	struct daemon_options options;
	struct config *config; /* as loaded at the start; the engine holds its own */
	struct loop *loop;
	struct notify notify;
	struct metrics *metrics;
	struct transport *transport;
	struct engine *engine;
	struct flight flight;
	struct loop_timer drain_timer;
	struct mono last_watchdog;
	bool ready, draining;
	const char *trouble; /* why a part did not start, beyond its errno */
};

static int
start_loop(struct daemon *daemon)
{
	daemon->loop = loop_uv_new();
	return daemon->loop ? 0 : -errno;
}

static void
stop_loop(struct daemon *daemon)
{
	loop_free(daemon->loop);
}

static int
start_log(struct daemon *daemon)
{
	static const enum log_severity severities[LOG_LEVEL_COUNT] = { [LOG_LEVEL_DEBUG] = LOG_DEBUG,
		[LOG_LEVEL_INFO] = LOG_INFO,
		[LOG_LEVEL_WARN] = LOG_WARN,
		[LOG_LEVEL_ERROR] = LOG_ERROR };
	const struct log_config *log = &daemon->config->log;
	daemon->trouble = log->file;
	return log_open(daemon->loop, log->file, log->format == LOG_FORMAT_JSON, severities[log->level]);
}

static void
stop_log(struct daemon *daemon)
{
	(void)daemon;
	log_msg(LOG_INFO, "stopped", LOG_F_TEXT("version", PACKAGE_VERSION));
	log_close(LOG_PATIENCE_MS);
}

static void
on_loop_lag(void *arg, int64_t lag_ns)
{
	struct daemon *daemon = arg;
	metrics_loop_lag(daemon->metrics, lag_ns);
}

static int
start_metrics(struct daemon *daemon)
{
	daemon->metrics = metrics_new();
	struct metrics_identity identity;
	version_identify(&identity);
	identity.started = loop_wall(daemon->loop);
	metrics_identify(daemon->metrics, &identity);
	loop_on_lag(daemon->loop, on_loop_lag, daemon);
	return 0;
}

static void
stop_metrics(struct daemon *daemon)
{
	loop_on_lag(daemon->loop, NULL, NULL);
	metrics_free(daemon->metrics);
}

static int
start_transport(struct daemon *daemon)
{
	daemon->transport = transport_multi_new(daemon->loop, &daemon->trouble);
	return daemon->transport ? 0 : -ENOTSUP;
}

static void
stop_transport(struct daemon *daemon)
{
	transport_free(daemon->transport);
}

/* The service manager's watchdog is fed by the scheduler's tick: a daemon that no longer probes is restarted. */
static void
on_tick(void *arg)
{
	struct daemon *daemon = arg;
	struct mono now = loop_now(daemon->loop);
	if (daemon->notify.watchdog_ns == 0 || engine_is_stuck(daemon->engine))
		return;
	if (mono_diff_ns(now, daemon->last_watchdog) >= daemon->notify.watchdog_ns / 3) {
		daemon->last_watchdog = now;
		notify_watchdog(&daemon->notify);
	}
}

static void
on_idle(void *arg)
{
	struct daemon *daemon = arg;
	loop_stop(daemon->loop);
}

static int
start_engine(struct daemon *daemon)
{
	struct engine_parts parts = { .loop = daemon->loop,
		.transport = daemon->transport,
		.metrics = daemon->metrics,
		.flight = &daemon->flight,
		.seed = random_seed(),
		.tick = on_tick,
		.idle = on_idle,
		.arg = daemon };
	daemon->engine = engine_new(&parts);
	return 0;
}

static void
stop_engine(struct daemon *daemon)
{
	engine_free(daemon->engine);
}

static int
start_probing(struct daemon *daemon)
{
	engine_configure(daemon->engine, daemon->config);
	daemon->ready = true;
	return 0;
}

static void
stop_probing(struct daemon *daemon)
{
	daemon->ready = false;
}

static void
tell_ready(struct daemon *daemon, const char *prefix)
{
	auto_buf struct buf status = BUF_INIT(STATUS_MAX);
	buf_printf(&status, "%sprobing", prefix);
	notify_ready(&daemon->notify, buf_cstr(&status));
}

static bool
reload(struct daemon *daemon, struct diags *diags)
{
	struct reload steps = { .engine = daemon->engine,
		.metrics = daemon->metrics,
		.path = daemon->options.config_file,
		.override = daemon_options_override,
		.arg = &daemon->options };
	notify_reloading(&daemon->notify, loop_now(daemon->loop));
	bool taken = reload_run(&steps, diags);
	flight_note(&daemon->flight, loop_wall(daemon->loop),
	    taken ? "configuration in force" : "configuration refused", (int64_t)diags->errors);
	tell_ready(daemon, taken ? "" : "configuration refused, the old one stays in force: ");
	return taken;
}

static void
on_drain_over(void *arg)
{
	struct daemon *daemon = arg;
	log_msg(LOG_WARN, "runs are cut off: they did not end in time",
	    LOG_F_INT("in_flight", (int64_t)engine_in_flight(daemon->engine)));
	loop_stop(daemon->loop);
}

static void
drain(struct daemon *daemon, int signo)
{
	log_msg(LOG_INFO, "stopping: running probes may end", LOG_F_INT("signal", signo),
	    LOG_F_INT("in_flight", (int64_t)engine_in_flight(daemon->engine)));
	daemon->draining = true;
	daemon->ready = false;
	notify_stopping(&daemon->notify, "running probes may end");
	loop_timer_set(
	    daemon->loop, &daemon->drain_timer, mono_add_ns(loop_now(daemon->loop), DRAIN_NS), on_drain_over, daemon);
	engine_stop(daemon->engine);
}

static void
on_signal(void *arg, int signo)
{
	struct daemon *daemon = arg;
	if (signo == SIGHUP && !daemon->draining) {
		auto_diags struct diags diags = DIAGS_INIT;
		reload(daemon, &diags);
	} else if (signo == SIGUSR1) {
		int error = log_reopen();
		if (error)
			log_msg(LOG_ERROR, "the log cannot be opened again", LOG_F_TEXT("error", strerror(-error)));
		flight_dump(&daemon->flight);
	} else if (signo != SIGHUP && daemon->draining) {
		log_msg(LOG_WARN, "stopping at once", LOG_F_INT("signal", signo));
		loop_stop(daemon->loop);
	} else if (signo != SIGHUP) {
		drain(daemon, signo);
	}
}

static int
start_signals(struct daemon *daemon)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1 };
	for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
		int error = loop_signal(daemon->loop, signals[i], on_signal, daemon);
		if (error)
			return error;
	}
	return 0;
}

static int
start_notify(struct daemon *daemon)
{
	notify_open(&daemon->notify);
	tell_ready(daemon, "");
	log_msg(LOG_INFO, "started", LOG_F_TEXT("version", PACKAGE_VERSION),
	    LOG_F_INT("endpoints", (int64_t)daemon->config->endpoint_count));
	return 0;
}

static void
stop_notify(struct daemon *daemon)
{
	loop_timer_cancel(daemon->loop, &daemon->drain_timer);
	notify_close(&daemon->notify);
}

static const struct part {
	const char *name;
	int (*start)(struct daemon *daemon); /* 0 or -errno */
	void (*stop)(struct daemon *daemon); /* NULL = nothing to do */
} parts[] = {
	{ "loop", start_loop, stop_loop },
	{ "log", start_log, stop_log },
	{ "metrics", start_metrics, stop_metrics },
	{ "transport", start_transport, stop_transport },
	{ "engine", start_engine, stop_engine },
	{ "probing", start_probing, stop_probing },
	{ "signals", start_signals, NULL },
	{ "notify", start_notify, stop_notify },
};

static int
run(struct daemon *daemon)
{
	size_t started = 0;
	int error = 0;
	while (started < ARRAY_LEN(parts) && error == 0) {
		daemon->trouble = NULL;
		error = parts[started].start(daemon);
		if (error)
			fprintf(stderr, "cometcanaryd: %s: %s%s%s\n", parts[started].name,
			    daemon->trouble ? daemon->trouble : "", daemon->trouble ? ": " : "", strerror(-error));
		else
			started++;
	}
	if (error == 0)
		loop_run(daemon->loop);
	while (started > 0)
		if (parts[--started].stop)
			parts[started].stop(daemon);
	return error ? EX_SOFTWARE : EX_OK;
}

/* Files that we write are ours alone; memory with keys in it goes into no core file; a closed pipe is an error code. */
static void
set_up_process(void)
{
	umask(077);
	prctl(PR_SET_DUMPABLE, 0);
	sigaction(SIGPIPE, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
}

int
daemon_main(int argc, char **argv)
{
	auto_free struct daemon *daemon = xcalloc(1, sizeof(*daemon));
	switch (daemon_options_parse(argc, argv, &daemon->options)) {
	case OPTIONS_RUN:
		break;
	case OPTIONS_DONE:
		return EX_OK;
	case OPTIONS_BAD:
		return EX_USAGE;
	}
	set_up_process();
	daemon->config = conf_file_load(daemon->options.config_file);
	if (!daemon->config)
		return EX_CONFIG;
	int code = EX_OK;
	if (!daemon->options.config_check) {
		daemon_options_override(&daemon->options, daemon->config);
		code = run(daemon);
	}
	config_release(daemon->config);
	return code;
}
