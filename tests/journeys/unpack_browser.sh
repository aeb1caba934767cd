#!/bin/sh
# Unpack a browser of the system's packages, and what of its libraries is missing, for somebody who may install nothing:
#     unpack_browser.sh FOLDER NAME LIBRARY...
# FOLDER/bin/NAME is the browser then, and FOLDER/node runs Playwright's driver; both find their libraries in FOLDER.
# apt looks for the packages as ever, and trusts whom the system trusts; only its lists are in FOLDER.
set -eu
mkdir -p "$1/lists/partial" "$1/archives/partial" "$1/packages" "$1/system" "$1/bin"
folder=$(cd "$1" && pwd)
browser=$2
shift 2

apt() {
    apt-get -qq -o Debug::NoLocking=1 -o Dir::State::Lists="$folder/lists" -o Dir::Cache="$folder" "$@"
}

apt update
missing=$(apt install --simulate --no-install-recommends "$browser" "$@" | sed -n 's/^Inst \([^ ]*\) .*/\1/p')
# shellcheck disable=SC2086 # names of packages
(cd "$folder/packages" && apt download $missing)
for package in "$folder/packages/"*.deb; do dpkg-deb --extract "$package" "$folder/system"; done
rm -r "$folder/lists" "$folder/archives" "$folder/packages" "$folder"/*.bin

finding_libraries() { # finding_libraries COMMAND PROGRAM BACK: all from the folder, BACK from the command to it
    cat >"$folder/$1" <<END
#!/bin/sh
folder=\$(cd "\$(dirname "\$(readlink -f "\$0")")/$3" && pwd)
for libraries in "\$folder"/system/lib/*-linux-gnu "\$folder"/system/usr/lib/*-linux-gnu "\$folder"/system/usr/lib/*-linux-gnu/*/; do
    LD_LIBRARY_PATH=\${LD_LIBRARY_PATH:+\$LD_LIBRARY_PATH:}\$libraries
done
export LD_LIBRARY_PATH XDG_DATA_HOME="\$folder/system/usr/share" # where fonts are looked for as well
[ -e /etc/fonts/fonts.conf ] || export FONTCONFIG_PATH="\$folder/system/etc/fonts"
exec "\$folder"/$2 "\$@"
END
    chmod +x "$folder/$1"
}

finding_libraries "bin/$browser" "system/usr/lib/chromium/$browser" ..
finding_libraries node "../lib/python3*/site-packages/playwright/driver/node" .
