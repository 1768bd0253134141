rule loader_script
{
    meta:
        description = "A script that fetches something, lets it be run, and runs it"
    strings:
        $wget = "wget " ascii
        $curl = "curl " ascii
        $tftp = "tftp " ascii
        $ftpget = "ftpget " ascii
        $chmod = /chmod (\+x|[0-7]{3,4}|a\+x|u\+x)/
        $run = /(;|&&|\n|\|\|)\s*(sh|\.\/|\/tmp\/|\/var\/)[^\n;&|]*/
    condition:
        uint32(0) != 0x464c457f and filesize < 256KB and any of ($wget, $curl, $tftp, $ftpget) and $chmod and $run
}

rule loader_script_many_cpus
{
    meta:
        description = "A script that tries programs for several CPUs one after the other"
    strings:
        $fetch = /(wget|curl|tftp|ftpget) /
        $mips = /[\/. ](mips|mpsl|mipsel)\b/
        $arm = /[\/. ](arm[4-7]?|armv[4-7]l?)\b/
        $ppc = /[\/. ](ppc|powerpc)\b/
        $sh4 = /[\/. ](sh4|superh)\b/
        $x86 = /[\/. ](x86(_64)?|i[56]86)\b/
        $m68k = /[\/. ](m68k|spc|sparc)\b/
    condition:
        uint32(0) != 0x464c457f and filesize < 256KB and $fetch and 3 of ($mips, $arm, $ppc, $sh4, $x86, $m68k)
}

rule loader_small_elf
{
    meta:
        description = "A small program that asks for something by HTTP and writes it to a file"
    strings:
        $get = "GET /"
        $version = "HTTP/1."
        $name = /\/(tmp|var|dev)\/[a-z.]{1,12}\x00/
    condition:
        uint32(0) == 0x464c457f and filesize < 8KB and $get and $version and $name
}
