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
#include "app/daemon_view.h"
#include "app/drift.h"
#include "app/engine.h"
#include "app/notify.h"
#include "app/reload.h"
#include "app/version.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/random.h"
#include "base/xalloc.h"
#include "config/load.h"
#include "export/httpd.h"
#include "record/latest.h"
#include "record/metrics.h"
#include "store/store.h"
#include "transport/transport.h"

/* What runs under way get to end after the first SIGTERM. Less than the 30 s that Kubernetes gives. */
#define DRAIN_NS (25 * NS_PER_SEC)

enum { LOG_PATIENCE_MS = 2000, STATUS_MAX = 256, ERRORS_MAX = 1024 * 1024 };

struct daemon {
	struct daemon_options options;
	struct diags warnings; /* about the configuration of the start, until the log is open */
	struct config *config; /* of the start, until all parts run; the engine holds the one in force */
	struct loop *loop;
	struct notify notify;
	struct metrics *metrics;
	struct latest *latest;
	struct drift *drift;
	struct store *store;
	char *store_path;
	struct daemon_viewed viewed;
	struct export_view view;
	struct httpd *httpd;
	struct transport *transport;
	struct engine *engine;
	struct flight flight;
	struct loop_timer drain_timer;
	struct mono last_watchdog;
	bool ready, draining;
	struct buf trouble; /* why a part did not start, where its errno does not say it */
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
open_log(struct daemon *daemon, const struct log_config *log)
{
	static const enum log_severity severities[LOG_LEVEL_COUNT] = { [LOG_LEVEL_DEBUG] = LOG_DEBUG,
		[LOG_LEVEL_INFO] = LOG_INFO,
		[LOG_LEVEL_WARN] = LOG_WARN,
		[LOG_LEVEL_ERROR] = LOG_ERROR };
	return log_open(daemon->loop, log->file, log->format == LOG_FORMAT_JSON, severities[log->level]);
}

static int
start_log(struct daemon *daemon)
{
	int error = open_log(daemon, &daemon->config->log);
	if (error)
		buf_printf(&daemon->trouble, "%s: %s", daemon->config->log.file, strerror(-error));
	else
		conf_file_log(&daemon->warnings);
	return error;
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
	daemon->latest = latest_new();
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
	latest_free(daemon->latest);
	metrics_free(daemon->metrics);
}

static void
on_store_event(void *arg, enum store_event event, const char *text)
{
	struct daemon *daemon = arg;
	const char *path = daemon->store_path;
	switch (event) {
	case STORE_DOWN:
		log_msg(LOG_ERROR, "the store cannot be written: nothing is kept until it can",
		    LOG_F_TEXT("file", path), LOG_F_TEXT("error", text));
		break;
	case STORE_UP:
		log_msg(LOG_INFO, "the store is written again", LOG_F_TEXT("file", path));
		break;
	case STORE_SET_ASIDE:
		log_msg(LOG_ERROR, "the store was damaged: it is set aside, and a new one begins",
		    LOG_F_TEXT("file", path), LOG_F_TEXT("set_aside", text));
		break;
	case STORE_CHANGED:
		log_msg(LOG_DEBUG, "another process has written to the store", LOG_F_TEXT("file", path));
		drift_store_changed(daemon->drift);
		break;
	}
}

static int
start_store(struct daemon *daemon)
{
	daemon->store_path = xstrdup(daemon->config->store.path);
	const struct store_options options = { .path = daemon->store_path,
		.retention_ns = daemon->config->store.retention_ns,
		.loop = daemon->loop,
		.event = on_store_event,
		.arg = daemon };
	auto_buf struct buf why = BUF_INIT(ERRORS_MAX);
	int error = store_open(&options, &why, &daemon->store);
	if (error) {
		buf_printf(&daemon->trouble, "%s: %s", daemon->store_path, why.len ? buf_cstr(&why) : strerror(-error));
		free(daemon->store_path);
	}
	return error;
}

static void
stop_store(struct daemon *daemon)
{
	if (!store_close(daemon->store))
		log_msg(LOG_ERROR, "the store did not end in time: what it had not written yet may be lost",
		    LOG_F_TEXT("file", daemon->store_path));
	free(daemon->store_path);
}

static int
start_drift(struct daemon *daemon)
{
	daemon->drift = drift_new(daemon->metrics, daemon->store);
	return 0;
}

static void
stop_drift(struct daemon *daemon)
{
	drift_flush(daemon->drift);
	drift_free(daemon->drift);
}

static int
start_transport(struct daemon *daemon)
{
	const char *why = "";
	daemon->transport = transport_multi_new(daemon->loop, &why);
	buf_text(&daemon->trouble, why);
	return daemon->transport ? 0 : -ENOTSUP;
}

static void
stop_transport(struct daemon *daemon)
{
	transport_free(daemon->transport);
}

static void
tell_store_writes(struct daemon *daemon)
{
	if (!store_is_on(daemon->store))
		return;
	const struct store_stats stats = store_stats(daemon->store);
	metrics_store_writes(daemon->metrics, stats.ok, stats.failed, stats.dropped);
}

/* The service manager's watchdog is fed by the scheduler's tick: a daemon that no longer probes is restarted. */
static void
on_tick(void *arg)
{
	struct daemon *daemon = arg;
	struct mono now = loop_now(daemon->loop);
	tell_store_writes(daemon);
	bool due = mono_diff_ns(now, daemon->last_watchdog) >= daemon->notify.watchdog_ns / 3;
	if (daemon->notify.watchdog_ns > 0 && due && !engine_is_stuck(daemon->engine)) {
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
		.latest = daemon->latest,
		.drift = daemon->drift,
		.store = daemon->store,
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

static void
on_last_run(void *arg, const struct store_last_run *last)
{
	struct daemon *daemon = arg;
	char name[STORE_KEY_MAX];
	enum probe_kind probe = probe_from_name(last->probe);
	snprintf(name, sizeof(name), "%.*s", STR_ARG(last->endpoint));
	const struct endpoint *endpoint = config_find_endpoint(daemon->config, name);
	if (!endpoint || probe == PROBE_COUNT)
		return;
	const struct latest_memory memory = { last->run, last->success, outcome_from_code(last->outcome) };
	metrics_remember(daemon->metrics, endpoint, probe, last->run, last->success);
	latest_remember(daemon->latest, endpoint, probe, &memory);
}

static int
start_probing(struct daemon *daemon)
{
	engine_configure(daemon->engine, daemon->config);
	store_last_runs(daemon->store, on_last_run, daemon);
	tell_store_writes(daemon);
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
	size_t endpoints = engine_config(daemon->engine)->endpoint_count;
	buf_printf(&status, "%sprobing %zu endpoint%s", prefix, endpoints, endpoints == 1 ? "" : "s");
	notify_ready(&daemon->notify, buf_cstr(&status));
}

/* The command line stands above the file. A log that cannot be opened is no reason to refuse: the old one goes on. */
static int
prepare(void *arg, struct config *config, struct buf *ret_error)
{
	struct daemon *daemon = arg;
	daemon_options_override(&daemon->options, config);
	int error = httpd_configure(daemon->httpd, &config->web, ret_error);
	if (error)
		return error;
	store_retain(daemon->store, config->store.retention_ns);
	if (strcmp(config->store.path, daemon->store_path) != 0)
		log_msg(LOG_WARN, "another store.path comes into force at the next start",
		    LOG_F_TEXT("file", config->store.path));
	error = open_log(daemon, &config->log);
	if (error)
		log_msg(LOG_ERROR, "the log cannot be opened: the old one goes on",
		    LOG_F_TEXT("file", config->log.file), LOG_F_TEXT("error", strerror(-error)));
	return 0;
}

static int
reload(void *arg, struct buf *ret_errors)
{
	struct daemon *daemon = arg;
	struct reload steps = { .engine = daemon->engine,
		.metrics = daemon->metrics,
		.path = daemon->options.config_file,
		.prepare = prepare,
		.arg = daemon };
	if (daemon->draining)
		return -ESHUTDOWN;
	notify_reloading(&daemon->notify, loop_now(daemon->loop));
	int error = reload_run(&steps, ret_errors);
	flight_note(&daemon->flight, loop_wall(daemon->loop),
	    error ? "configuration refused" : "configuration in force", error);
	tell_ready(daemon, error ? "configuration refused, the old one stays in force: " : "");
	return error;
}

static int
start_web(struct daemon *daemon)
{
	daemon->viewed = (struct daemon_viewed){ .engine = daemon->engine,
		.drift = daemon->drift,
		.store = daemon->store,
		.loop = daemon->loop,
		.ready = &daemon->ready,
		.reload = reload,
		.arg = daemon };
	daemon->view = (struct export_view){ .metrics = daemon->metrics,
		.latest = daemon->latest,
		.version = PACKAGE_VERSION,
		.started = loop_wall(daemon->loop) };
	daemon_view_fill(&daemon->viewed, &daemon->view);
	daemon->httpd = httpd_new(daemon->loop, &daemon->view);
	if (!daemon->httpd)
		return -errno;
	int error = httpd_configure(daemon->httpd, &daemon->config->web, &daemon->trouble);
	if (error)
		httpd_free(daemon->httpd);
	return error;
}

static void
stop_web(struct daemon *daemon)
{
	httpd_free(daemon->httpd);
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
		auto_buf struct buf errors = BUF_INIT(ERRORS_MAX);
		reload(daemon, &errors);
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
	for (size_t i = 0; i < httpd_address_count(daemon->httpd); i++)
		log_msg(LOG_INFO, "serving", LOG_F_TEXT("address", httpd_address(daemon->httpd, i)));
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
	{ "store", start_store, stop_store },
	{ "drift", start_drift, stop_drift },
	{ "transport", start_transport, stop_transport },
	{ "engine", start_engine, stop_engine },
	{ "web", start_web, stop_web },
	{ "probing", start_probing, stop_probing },
	{ "signals", start_signals, NULL },
	{ "notify", start_notify, stop_notify },
};

static int
start_parts(struct daemon *daemon, size_t *ret_started)
{
	int error = 0;
	for (*ret_started = 0; *ret_started < ARRAY_LEN(parts) && error == 0; *ret_started += error == 0) {
		buf_reset(&daemon->trouble);
		error = parts[*ret_started].start(daemon);
	}
	if (error)
		fprintf(stderr, "cometcanaryd: %s: %s\n", parts[*ret_started].name,
		    daemon->trouble.len ? buf_cstr(&daemon->trouble) : strerror(-error));
	return error;
}

static int
run(struct daemon *daemon)
{
	size_t started;
	int error = start_parts(daemon, &started);
	config_release(daemon->config);
	daemon->config = NULL;
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

static int
check(const char *path)
{
	struct config *config = conf_file_load(path);
	int code = config ? EX_OK : EX_CONFIG;
	config_release(config);
	return code;
}

int
daemon_main(int argc, char **argv)
{
	auto_free struct daemon *daemon = xcalloc(1, sizeof(*daemon));
	enum option_result parsed = daemon_options_parse(argc, argv, &daemon->options);
	if (parsed != OPTIONS_RUN)
		return parsed;
	set_up_process();
	if (daemon->options.config_check)
		return check(daemon->options.config_file);
	daemon->config = conf_file_load_quietly(daemon->options.config_file, &daemon->warnings);
	int code = EX_CONFIG;
	if (daemon->config) {
		daemon->trouble = BUF_INIT(ERRORS_MAX);
		daemon_options_override(&daemon->options, daemon->config);
		code = run(daemon);
		buf_done(&daemon->trouble);
	}
	diags_done(&daemon->warnings);
	return code;
}
