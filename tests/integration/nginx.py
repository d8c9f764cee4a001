# SPDX-License-Identifier: Apache-2.0
"""nginx on a Stage, as a gateway, a provider that answers one thing, or a proxy."""

import time

from harness import is_listening

CONFIG = """\
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log stderr;
events {{ worker_connections 64; }}
http {{
  access_log {folder}/access.log;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  proxy_read_timeout 1s;
  keepalive_timeout 30s;
{servers}
}}
"""
ANSWER = (
    '{"id":"c-1","object":"chat.completion","created":CREATED,"model":"gpt-5.4-mini","choices":[{"index":0,'
    '"message":{"role":"assistant","content":"ok"},"finish_reason":"stop"}],'
    '"usage":{"prompt_tokens":10,"completion_tokens":1,"total_tokens":11}}'
)
# A provider that gives the one answer to everything.
ANSWERING = """\
  server {{
    listen 127.0.0.1:{port};
    default_type application/json;
    location / {{ return 200 '{answer}'; }}
  }}
"""


def answer():
    return ANSWER.replace("CREATED", str(int(time.time())))


def start_nginx(stage, ports, servers):
    config = stage.write("nginx.conf", CONFIG.format(folder=stage.folder, servers=servers))
    nginx = stage.start("nginx", ["/usr/sbin/nginx", "-p", stage.folder, "-e", "stderr", "-c", config])
    for port in ports:
        nginx.wait_until(f"port {port}", lambda port=port: is_listening(port))
    return nginx
