/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "transport/version.h"

#include <curl/curl.h>

const char *
transport_version_libcurl(void)
{
	return curl_version_info(CURLVERSION_NOW)->version;
}

const char *
transport_version_tls(void)
{
	const char *tls = curl_version_info(CURLVERSION_NOW)->ssl_version;
	return tls ? tls : "none";
}
