/* SPDX-License-Identifier: Apache-2.0 */
/* cometcanary-sim: a simulated provider, to try things on. */
#include "config.h"

#include "sim/command.h"

int
main(int argc, char **argv)
{
	return command_run(argc, argv);
}
