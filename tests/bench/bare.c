/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The libraries alone: each is started once, in the way in which the daemon does, and the resident memory is printed in
 * KiB. What a daemon takes beyond this is its own.
 */
#include "config.h"

#define PCRE2_CODE_UNIT_WIDTH 8

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>
#include <gnutls/gnutls.h>
#include <json-c/json.h>
#include <libconfig.h>
#include <microhttpd.h>
#include <pcre2.h>
#include <uv.h>
#include <zlib.h>

static enum MHD_Result
answer(void *arg, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
    const char *upload, size_t *upload_size, void **state)
{
	(void)arg, (void)connection, (void)url, (void)method, (void)version, (void)upload, (void)upload_size,
	    (void)state;
	return MHD_NO;
}

static void
use_curl(void)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
	CURLM *multi = curl_multi_init();
	CURL *easy = curl_easy_init();
	int running;
	curl_easy_setopt(easy, CURLOPT_URL, "http://127.0.0.1:9/");
	curl_multi_add_handle(multi, easy);
	do {
		curl_multi_perform(multi, &running);
		curl_multi_poll(multi, NULL, 0, 100, NULL);
	} while (running > 0);
}

int
main(void)
{
	static uv_loop_t loop;
	static z_stream z;
	config_t config;
	int error_number;
	size_t error_at;
	uv_loop_init(&loop);
	use_curl();
	json_object_get(json_tokener_parse("{\"id\":[1,2,3]}"));
	config_init(&config);
	config_read_string(&config, "version = 1;");
	gnutls_global_init();
	deflateInit(&z, Z_BEST_SPEED);
	bool all =
	    MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET, 0, NULL, NULL, answer, NULL, MHD_OPTION_END) &&
	    pcre2_compile((PCRE2_SPTR) "ok", PCRE2_ZERO_TERMINATED, 0, &error_number, &error_at, NULL);
	FILE *status = fopen("/proc/self/status", "re");
	char line[256];
	while (all && status && fgets(line, sizeof(line), status))
		if (strncmp(line, "VmRSS:", 6) == 0)
			printf("%.0f\n", strtod(line + 6, NULL));
	return all ? EXIT_SUCCESS : EXIT_FAILURE;
}
