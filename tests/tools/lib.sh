# SPDX-License-Identifier: Apache-2.0
# Sourced by the checkers. Each checker is called as: NAME [ROOT], where ROOT is the tree to look at, and prints TAP: a
# point a check, with the complaints ("file:line: what, and the remedy") as comments in front of it.
# shellcheck shell=bash

set -o pipefail
shopt -s lastpipe # so that "… | point" counts
tools=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
root=${1:-${TEST_SOURCE:-.}}
points=0
failed=0

bail() {
	echo "Bail out! $*"
	exit 99
}

# need TOOL DEBIAN-PACKAGE: a checker without its tool has checked nothing, and says so loudly.
need() {
	command -v "$1" >/dev/null || bail "$1 is not installed (Debian: apt-get install $2)"
}

# point NAME <complaints: passes when there are none.
point() {
	local complaints
	complaints=$(cat)
	points=$((points + 1))
	if [[ -z $complaints ]]; then
		echo "ok $points - $1"
	else
		sed 's/^/# /' <<<"$complaints"
		echo "not ok $points - $1"
		failed=$((failed + 1))
	fi
}

# Reads "rule<TAB>place<TAB>complaint", leaves out what exempt.tab exempts, and complains about its rows that no longer
# exempt anything. $1: the rules whose rows are looked at, with blanks around each.
unless_exempt() {
	awk -F '\t' -v rules="$1" -v table="${root_exempt:-$tools/exempt.tab}" '
		BEGIN {
			while ((getline row < table) > 0) {
				if (row ~ /^#/ || row == "" || split(row, cell, /[ \t]+/) < 1)
					continue
				if (!index(rules, " " cell[1] " "))
					continue
				if (cell[3] == "")
					print table ": " row ": give the reason"
				unused[cell[1] "\t" cell[2]] = 1
				known[cell[1] "\t" cell[2]] = 1
			}
		}
		known[$1 "\t" $2] { delete unused[$1 "\t" $2]; next }
		{ print $3 }
		END { for (key in unused) print table ": " key ": exempts nothing any more, remove the line" }'
}

finish() {
	echo "1..$points"
	exit $((failed > 0))
}

# sources PATTERN…: files under src and tests by name, without test data.
sources() {
	local names=() pattern
	for pattern in "$@"; do
		names+=(-o -name "$pattern")
	done
	find src tests man -type f \( "${names[@]:1}" \) ! -path '*/data/*' ! -path '*/golden/*' ! -path '*/node_modules/*' \
		2>/dev/null | LC_ALL=C sort
}

# scripts: every file of ours that a shell runs. What configure makes is not ours.
scripts() {
	{
		find . -maxdepth 1 -type f ! -name configure ! -name config.status ! -name '*~'
		find src tests man etc .ci -type f ! -path '*/node_modules/*' ! -path '*/data/*' 2>/dev/null
	} | LC_ALL=C sort | while read -r file; do
		if head -c 64 "$file" | tr -d '\0' | grep -qE '^#!.*[/ ](ba)?sh\b' || [[ $file == *.sh ]]; then
			echo "${file#./}"
		fi
	done
}

cd "$root" || bail "no folder $root"
