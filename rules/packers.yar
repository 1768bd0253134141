rule packer_upx
{
    meta:
        description = "UPX, by the magic of its headers, behind the segment table and at the end"
    strings:
        $magic = "UPX!"
    condition:
        uint32(0) == 0x464c457f and $magic in (0..512) and $magic in (filesize - 128..filesize)
}

rule packer_upx_notice
{
    meta:
        description = "The notice that UPX leaves in what it packs, also where its headers were altered"
    strings:
        $notice = "This file is packed with the UPX executable packer"
        $id = "$Id: UPX "
    condition:
        uint32(0) == 0x464c457f and any of them
}

rule packed_without_sections
{
    meta:
        description = "No section table, and nothing in it that reads as text of a C library"
    strings:
        $error = "No such file or directory"
        $shell = "/bin/sh"
        $proc = "/proc/"
    condition:
        (uint32(0) == 0x464c457f and filesize > 8KB) and
        ((uint8(4) == 1 and uint8(5) == 1 and uint32(32) == 0) or (uint8(4) == 1 and uint8(5) == 2 and uint32be(32) == 0)) and
        none of them
}
