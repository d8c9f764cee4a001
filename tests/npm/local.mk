# SPDX-License-Identifier: Apache-2.0
# Packages from the npm registry that the tests run against; the lock file pins their content. In a test:
# $TEST_NPM/node_modules, and createRequire(process.env.TEST_NPM + '/')('openai') in a script.
check_DATA += %D%/installed
%D%/installed: $(srcdir)/%D%/package-lock.json
	$(AM_V_GEN)$(MKDIR_P) %D% && for file in package.json package-lock.json; do \
		cmp -s '$(srcdir)/%D%/'$$file %D%/$$file || cp '$(srcdir)/%D%/'$$file %D%/$$file || exit 1; done
	$(AM_V_at)cd %D% && '$(NPM)' ci --ignore-scripts --prefer-offline --no-audit --no-fund >npm.log 2>&1 || { cat npm.log; exit 1; }
	$(AM_V_at)touch $@
CLEANFILES += %D%/installed %D%/npm.log
