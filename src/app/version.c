/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/version.h"

void
version_print(FILE *out)
{
	fprintf(out, "%s\n", PACKAGE_STRING);
}
