# Makes of what `pip install --requirement FILE` prints a line that grows. The last line of the
# input is "exit CODE": that is the exit code, and unless it is 0 all that pip said is printed.
# `total` is the number of packages.
BEGIN {
    printf "Installing %d packages (one to three minutes): ", total
    fflush()
}
/^exit [0-9]+$/ { code = $2; next }
{ said = said $0 "\n" }
/^(Collecting|Processing|Requirement already satisfied)/ {
    if (int(40 * ++found / total) > int(40 * (found - 1) / total) && found <= total) {
        printf "."
        fflush()
    }
}
/^Installing collected packages/ {
    printf " unpacking"
    fflush()
}
END {
    print (code == 0 ? ", done." : ", failed.")
    if (code != 0) printf "%s", said
    exit code
}
