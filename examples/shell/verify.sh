#!/bin/sh
# verify.sh LICENSE ROOT.pem PRODUCT: verifies a license in Keywright's format with sh, sed and openssl (3.0 or later),
# prints its claims, and exits 1 where it is refused. For looking into files and for scripts; a product uses the library.
#
# It takes less than the format allows: claims in the very order in which Keywright writes them, and certificates without
# a longest term; what it refuses may still be sound. It knows no revoked keys, and of the claims it looks at product and
# times of issue alone: the others are what the vendor signed, as they are.
set -eu
export LC_ALL=C

refuse() { printf 'refused: %s\n' "$1" >&2; exit 1; }

[ $# -eq 3 ] || { echo "usage: verify.sh LICENSE ROOT.pem PRODUCT" >&2; exit 2; }
license=$1 root=$2 product=$3
case $product in *[!A-Za-z0-9_-]*) echo "the product's name is of letters, digits, - and _" >&2; exit 2 ;; esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

encode() { openssl base64 -A | tr '/+' '_-' | tr -d '='; }

# decode TEXT FILE: the bytes of base64url, in its one spelling. openssl wants the other alphabet, and padding.
decode() {
    padded=$1
    while [ $((${#padded} % 4)) -ne 0 ]; do padded="$padded="; done
    printf '%s' "$padded" | tr '_-' '/+' | openssl base64 -d -A > "$2" 2> /dev/null || :
    [ "$(encode < "$2")" = "$1" ] || refuse "base64url that is not sound"
}

# RFC 7638: the SHA-256 of the key's required members.
thumbprint() { printf '{"crv":"Ed25519","kty":"OKP","x":"%s"}' "$1" | openssl dgst -sha256 -binary | encode; }

# The last 32 bytes of an Ed25519 key's DER are the key; the 12 before them are always the same.
x_of_pem() { openssl pkey -pubin -in "$1" -outform DER | tail -c 32 | encode; }
pem_of_x() {
    decode "$1" "$work/x"
    { printf '\060\052\060\005\006\003\053\145\160\003\041\000'; cat "$work/x"; } |
        openssl pkey -pubin -inform DER -out "$2"
}

# check LINE KEY.pem KID TYP CLAIMS: writes the claims to a file, once header and signature are right.
check() {
    header=${1%%.*} rest=${1#*.}
    payload=${rest%%.*} signature=${rest#*.}
    wanted=$(printf '{"alg":"EdDSA","kid":"%s","typ":"%s"}' "$3" "$4" | encode)
    [ "$header" = "$wanted" ] || refuse "this is no $4 by the key $3"
    printf '%s.%s' "$header" "$payload" > "$work/signed"
    decode "$signature" "$work/signature"
    openssl pkeyutl -verify -pubin -inkey "$2" -rawin -in "$work/signed" -sigfile "$work/signature" > /dev/null 2>&1 ||
        refuse "the signature does not fit"
    decode "$payload" "$5"
}

[ "$(wc -c < "$license")" -le 65536 ] || refuse "the file is too large"
[ "$(wc -l < "$license")" -le 2 ] && [ -z "$(sed -n '3p' "$license")" ] || refuse "the file has more than two lines"
cr=$(printf '\r')
license_line=$(sed -n "1{s/$cr\$//;p;}" "$license")
certificate_line=$(sed -n "2{s/$cr\$//;p;}" "$license")

check "$certificate_line" "$root" "$(thumbprint "$(x_of_pem "$root")")" keywright-certificate+jwt "$work/certificate"
limits=$(sed -En 's/^\{"v":1,"iat":[0-9]+,"nbf":([0-9]+),"exp":([0-9]+),"sub":"([A-Za-z0-9_-]{43})","key":\{"crv":"Ed25519","kty":"OKP","x":"([A-Za-z0-9_-]{43})"\}(,"aud":"'"$product"'")?\}$/\1 \2 \3 \4/p' "$work/certificate")
[ -n "$limits" ] || refuse "the certificate is for another product, or not as this script knows it"
from=${limits%% *} limits=${limits#* }
until=${limits%% *} limits=${limits#* }
kid=${limits% *} x=${limits#* }
[ "$(thumbprint "$x")" = "$kid" ] || refuse "the certificate names another key than it holds"

pem_of_x "$x" "$work/issuing.pem"
check "$license_line" "$work/issuing.pem" "$kid" keywright-license+jwt "$work/claims"
issued=$(sed -En 's/^\{"iss":"([^"\\]|\\.)*","aud":"'"$product"'","sub":"([^"\\]|\\.)*","jti":"[a-z0-9]{26}","iat":([0-9]+),"nbf":[0-9]+,"exp":[0-9]+,"v":1,.*$/\3/p' "$work/claims")
[ -n "$issued" ] || refuse "the license is for another product, or not as this script knows it"
[ "$issued" -ge "$from" ] && [ "$issued" -lt "$until" ] || refuse "the key was not certified when it signed"

cat "$work/claims"
echo
