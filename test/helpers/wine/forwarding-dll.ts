// A Windows library without code, for Wine: its one function is another library's, by a forwarding entry of its export table.
// Wine 8 lacks the library that programs made with Go take their random bytes from.

const HEADERS = 0x200;
const SECTION = 0x1000;

/** The bytes of a 64-bit library that exports `name` and hands it on to `target` ("library.function"). */
export function forwardingDll(library: string, name: string, target: string): Buffer {
  const exported = exportTable(library, name, target);
  const file = Buffer.alloc(HEADERS + HEADERS);
  file.write("MZ", 0, "latin1");
  file.writeUInt32LE(0x40, 0x3c);
  file.write("PE\0\0", 0x40, "latin1");
  const coff = 0x44;
  file.writeUInt16LE(0x8664, coff); // x86-64
  file.writeUInt16LE(1, coff + 2); // sections
  file.writeUInt16LE(0xf0, coff + 16); // bytes of the optional header
  file.writeUInt16LE(0x2022, coff + 18); // a library, above 2 GB too
  const optional = coff + 20;
  file.writeUInt16LE(0x20b, optional); // 64-bit
  file.writeUInt32LE(HEADERS, optional + 8); // initialised data
  file.writeBigUInt64LE(0x1_8000_0000n, optional + 24); // preferred address
  file.writeUInt32LE(SECTION, optional + 32); // alignment in memory
  file.writeUInt32LE(HEADERS, optional + 36); // alignment in the file
  file.writeUInt16LE(6, optional + 40); // version of the system
  file.writeUInt16LE(6, optional + 48); // version of the subsystem
  file.writeUInt32LE(2 * SECTION, optional + 56); // size in memory
  file.writeUInt32LE(HEADERS, optional + 60);
  file.writeUInt16LE(3, optional + 68); // console
  file.writeUInt16LE(0x140, optional + 70); // any address, no code in data
  file.writeUInt32LE(16, optional + 108); // directories; the first is the export table's
  file.writeUInt32LE(SECTION, optional + 112);
  file.writeUInt32LE(exported.length, optional + 116);
  const section = optional + 0xf0;
  file.write(".edata", section, "latin1");
  file.writeUInt32LE(exported.length, section + 8);
  file.writeUInt32LE(SECTION, section + 12);
  file.writeUInt32LE(HEADERS, section + 16); // bytes in the file
  file.writeUInt32LE(HEADERS, section + 20); // place in the file
  file.writeUInt32LE(0x40000040, section + 36); // data that is read
  exported.copy(file, HEADERS);
  return file;
}

/** A function whose address lies within the table itself is the name of another library's. */
function exportTable(library: string, name: string, target: string): Buffer {
  const table = Buffer.alloc(0x32);
  const texts = [target, name, library].map((text) => Buffer.from(`${text}\0`, "latin1"));
  const [targetText, nameText] = texts as [Buffer, Buffer, Buffer];
  const targetAt = SECTION + table.length;
  const nameAt = targetAt + targetText.length;
  table.writeUInt32LE(nameAt + nameText.length, 12); // the library's own name
  table.writeUInt32LE(1, 16); // the first ordinal
  table.writeUInt32LE(1, 20); // functions
  table.writeUInt32LE(1, 24); // names
  table.writeUInt32LE(SECTION + 0x28, 28);
  table.writeUInt32LE(SECTION + 0x2c, 32);
  table.writeUInt32LE(SECTION + 0x30, 36);
  table.writeUInt32LE(targetAt, 0x28);
  table.writeUInt32LE(nameAt, 0x2c);
  return Buffer.concat([table, ...texts]);
}
