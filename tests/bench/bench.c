/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "bench/bench.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

static const struct {
	const char *name;
	bench_fn *fn;
} bench_measurements[] = {
	{ "cpu", bench_cpu },
	{ "contract", bench_contract },
	{ "tls", bench_tls },
	{ "blackbox", bench_blackbox },
	{ "daemon", bench_daemon },
	{ "small", bench_small },
	{ "timing", bench_timing },
	{ "scrape", bench_scrape },
	{ "exposition", bench_exposition },
};

void
bench_die(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	fputs("bench: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	_exit(EXIT_FAILURE);
}

/* ---- figures ---- */

void
bench_print(const struct bench_figure *figure, const char *how, ...)
{
	char beside[256], target[64];
	va_list args;
	va_start(args, how);
	vsnprintf(beside, sizeof(beside), how, args);
	va_end(args);
	bool met = figure->bound == AT_MOST ? figure->value <= figure->target : figure->value >= figure->target;
	const char *verdict = figure->bound == NO_TARGET ? "" : met ? "PASS" : "SHORT";
	const char *gap = strcmp(figure->unit, "×") == 0 ? "" : " ";
	snprintf(target, sizeof(target), "%s %g%s%s", figure->bound == AT_MOST ? "≤" : "≥", figure->target, gap,
	    figure->unit);
	if (figure->bound == NO_TARGET)
		target[0] = '\0';
	printf("| %s | %.*f%s%s | %s | %s | %s |\n", figure->name, fabs(figure->value) < 10 ? 2 : 1, figure->value, gap,
	    figure->unit, target, verdict, beside);
	fflush(stdout);
}

void
bench_skip(const char *name, const char *why)
{
	printf("| %s | not measured | | | %s |\n", name, why);
	fflush(stdout);
}

int
bench_compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

double
bench_quantile(double *values, size_t count, double share)
{
	if (count == 0)
		bench_die("nothing was measured");
	qsort(values, count, sizeof(values[0]), bench_compare_doubles);
	size_t at = (size_t)ceil(share * (double)count);
	return values[at > 0 ? at - 1 : 0];
}

/* ---- which and when ---- */

static bool
is_wanted(const char *name, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], name) == 0)
			return true;
	return argc == 1;
}

static void
run_one(const void *arg, void *ret_result)
{
	bench_fn *const *fn = arg;
	(*fn)();
	*(bool *)ret_result = true;
}

static void
print_circumstances(void)
{
	char day[16];
	double load = 0;
	auto_buf struct buf now = BUF_INIT(64);
	wall_format_rfc3339(&now, clock_wall());
	snprintf(day, sizeof(day), "%.10s", buf_cstr(&now));
	getloadavg(&load, 1);
	printf("%s, %ld CPUs, %.1f other processes running at the start\n\n", day, sysconf(_SC_NPROCESSORS_ONLN), load);
}

int
main(int argc, char **argv)
{
	bool done = true;
	signal(SIGPIPE, SIG_IGN);
	print_circumstances();
	printf("| figure | measured | target | | beside |\n|---|---|---|---|---|\n");
	for (size_t i = 0; i < ARRAY_LEN(bench_measurements); i++)
		if (is_wanted(bench_measurements[i].name, argc, argv))
			bench_in_child(run_one, &bench_measurements[i].fn, &done, sizeof(done));
	return EXIT_SUCCESS;
}
