#!/usr/bin/env bash
# What the tests of the container need and a bare Debian machine lacks: an engine, a registry, and a base image that
# stands for the official PHP image. Run as root; does nothing where all of it is there already.
set -euo pipefail

say() { printf 'container: %s\n' "$*" >&2; }

[[ $(id -u) == 0 ]] || { say "this installs packages and runs containers: it needs root"; exit 1; }

# Where the tests look for the base image: named after this recipe, so that a changed recipe makes a new one.
recipe=$(sha256sum "$0" | cut -c1-12)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/bgspec-test
base=$cache/base-$recipe.tar

declare -A package_of=(
  [podman]=podman [runc]=runc [conmon]=conmon [slirp4netns]=slirp4netns # the engine, without a bridge or a firewall rule
  [docker-registry]=docker-registry [htpasswd]=apache2-utils            # the registry that stands for ECR, and its user
  [mmdebstrap]=mmdebstrap                                               # makes the base image
  [apache2]=apache2-bin                                                 # serves the site where no engine can run
)
missing=()
for command in "${!package_of[@]}"; do
  command -v "$command" >/dev/null || missing+=("${package_of[$command]}")
done
compgen -G '/usr/lib/apache2/modules/libphp*.so' >/dev/null || missing+=(libapache2-mod-php)
if ((${#missing[@]})); then
  say "installing ${missing[*]}"
  # A package may want to start its service; nothing of ours listens beyond a test.
  if [[ ! -e /usr/sbin/policy-rc.d ]]; then
    printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
    chmod +x /usr/sbin/policy-rc.d
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
  fi
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq -o Dpkg::Use-Pty=0 --no-install-recommends "${missing[@]}" >/dev/null
fi

if [[ ! -e $base ]]; then
  say "building the base image $base"
  mkdir -p "$cache"
  rm -rf "$cache"/base-*
  # From the mirror that this machine uses itself.
  # shellcheck disable=SC2016  # apt-get expands it
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Identifier: Packages' 'Component: main' 'Origin: Debian' | awk 'NR == 1')
  # shellcheck source=/dev/null
  suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
  # The one package that the Dockerfile installs lies in the image as an archive of its own: a build needs no network.
  # shellcheck disable=SC2016  # mmdebstrap's shell expands it
  archive='set -e; mkdir "$1/srv/apt"; cd "$1/srv/apt"
    APT_CONFIG=$MMDEBSTRAP_APT_CONFIG apt-get download -qq -o APT::Sandbox::User=root libcap2-bin
    mv ./*.deb libcap2-bin.deb
    { dpkg-deb --field libcap2-bin.deb
      echo "Filename: ./libcap2-bin.deb"
      echo "Size: $(stat --format %s libcap2-bin.deb)"
      echo "SHA256: $(sha256sum libcap2-bin.deb | cut -d " " -f 1)"; } >Packages
    echo "deb [trusted=yes] file:/srv/apt ./" >"$1/etc/apt/sources.list"'
  mmdebstrap --quiet --format=tar --variant=minbase --include=apache2,libapache2-mod-php,libcap2 --customize-hook="$archive" \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    "$suite" "$base.part" "$mirror" >&2
  mv "$base.part" "$base"
fi
say "ready"
