#!/bin/sh
# Make sure that a Chromium and Korean fonts are there for the browser tests; say how to get them where it cannot.
set -u
for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null 2>&1 && exit 0
done
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    echo "Installing Chromium for the browser tests ..."
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
        chromium fonts-noto-cjk; } >/tmp/castoon-browser.log 2>&1 && exit 0
fi
echo "No Chromium: the browser tests are skipped. Get it with: sudo apt-get install chromium fonts-noto-cjk"
