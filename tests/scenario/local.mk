# SPDX-License-Identifier: Apache-2.0
# One program plays all scenarios; each *.scn is one test.
check_PROGRAMS += %D%/scenario_runner
TESTS += %D%/scenario_runner
%C%_scenario_runner_SOURCES = \
	%D%/scenario_runner.c \
	%D%/script.c \
	%D%/script.h \
	# end
%C%_scenario_runner_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/%D%
EXTRA_DIST += %D%/README.md %D%/replies
EXTRA_DIST += \
	%D%/disabled.scn \
	%D%/drift_baseline.scn \
	%D%/drift_hysteresis.scn \
	%D%/html_502.scn \
	%D%/incident_and_recovery.scn \
	%D%/log_fields.scn \
	%D%/maintenance_one_endpoint.scn \
	%D%/maintenance_other_day.scn \
	%D%/maintenance_over_midnight.scn \
	%D%/missing_auth_accepted.scn \
	%D%/model_gone.scn \
	%D%/outcome_closed.scn \
	%D%/outcome_connect.scn \
	%D%/outcome_dns.scn \
	%D%/outcome_tls.scn \
	%D%/overlap_counted.scn \
	%D%/overloaded.scn \
	%D%/phase_spread.scn \
	%D%/provider_cap.scn \
	%D%/provider_cap_is_its_own.scn \
	%D%/rate_fixed.scn \
	%D%/rate_limited.scn \
	%D%/rate_negative.scn \
	%D%/reload_adds_and_removes.scn \
	%D%/reload_during_run.scn \
	%D%/reload_interval.scn \
	%D%/reload_keeps.scn \
	%D%/reload_refused.scn \
	%D%/retry_gives_up.scn \
	%D%/retry_heals.scn \
	%D%/retry_never_a_refusal.scn \
	%D%/retry_not_for_negative_probes.scn \
	%D%/retry_nothing_left.scn \
	%D%/retry_stop_while_waiting.scn \
	%D%/retry_timeout_duplicates_ok.scn \
	%D%/retry_timeout_unsafe.scn \
	%D%/retry_unwanted.scn \
	%D%/retry_waits_as_told.scn \
	%D%/secrets_stay_inside.scn \
	%D%/self_check_absent.scn \
	%D%/self_check_one_anchor_is_enough.scn \
	%D%/self_offline.scn \
	%D%/short_stall.scn \
	%D%/shutdown_drains.scn \
	%D%/shutdown_idle.scn \
	%D%/slow_probe_shifts_nobody.scn \
	%D%/stream_cut.scn \
	%D%/stream_ok.scn \
	%D%/stream_one_piece.scn \
	%D%/suspend_herd.scn \
	%D%/suspend_missed.scn \
	%D%/timeout_connect.scn \
	%D%/timeout_dns.scn \
	%D%/timeout_first_byte.scn \
	%D%/timeout_first_token.scn \
	%D%/timeout_first_token_silent.scn \
	%D%/timeout_idle.scn \
	%D%/timeout_tls.scn \
	%D%/timeout_total.scn \
	%D%/unauthorized.scn \
	%D%/usage_vanishes.scn \
	%D%/wall_back.scn \
	%D%/wall_forward.scn \
	# end
