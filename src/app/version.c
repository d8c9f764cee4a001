/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/version.h"

#include "export/httpd.h"
#include "record/metrics.h"
#include "transport/version.h"

void
version_print(FILE *out)
{
	fprintf(out, "%s (revision %s)\nlibcurl %s, TLS %s, libmicrohttpd %s\n", PACKAGE_STRING, BUILD_REVISION,
	    transport_version_libcurl(), transport_version_tls(), httpd_library_version());
}

void
version_identify(struct metrics_identity *ret_identity)
{
	*ret_identity = (struct metrics_identity){ .version = PACKAGE_VERSION,
		.revision = BUILD_REVISION,
		.libcurl = transport_version_libcurl(),
		.tls = transport_version_tls(),
		.libmicrohttpd = httpd_library_version() };
}
