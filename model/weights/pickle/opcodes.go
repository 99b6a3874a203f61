package pickle

// An opcode is the first byte of an instruction.
type opcode byte

// The supported opcodes.
const (
	opMark           opcode = '('
	opStop           opcode = '.'
	opBinFloat       opcode = 'G'
	opBinInt         opcode = 'J'
	opBinInt1        opcode = 'K'
	opBinInt2        opcode = 'M'
	opNone           opcode = 'N'
	opBinPersID      opcode = 'Q'
	opReduce         opcode = 'R'
	opBinUnicode     opcode = 'X'
	opEmptyList      opcode = ']'
	opAppend         opcode = 'a'
	opBuild          opcode = 'b'
	opGlobal         opcode = 'c'
	opAppends        opcode = 'e'
	opBinGet         opcode = 'h'
	opLongBinGet     opcode = 'j'
	opBinPut         opcode = 'q'
	opLongBinPut     opcode = 'r'
	opSetItem        opcode = 's'
	opTuple          opcode = 't'
	opEmptyTuple     opcode = ')'
	opSetItems       opcode = 'u'
	opEmptyDict      opcode = '}'
	opProto          opcode = 0x80
	opNewObj         opcode = 0x81
	opTuple1         opcode = 0x85
	opTuple2         opcode = 0x86
	opTuple3         opcode = 0x87
	opNewTrue        opcode = 0x88
	opNewFalse       opcode = 0x89
	opLong1          opcode = 0x8a
	opBinBytes       opcode = 'B'
	opShortBinBytes  opcode = 'C'
	opShortBinString opcode = 'U' // bytes of Python 2, which older torch wrote for names
	opShortUnicode   opcode = 0x8c
	opBinUnicode8    opcode = 0x8d
	opBinBytes8      opcode = 0x8e
	opStackGlobal    opcode = 0x93
	opMemoize        opcode = 0x94
	opFrame          opcode = 0x95
)

// refused has the names of the other opcodes of protocols 0 to 5, for messages.
const refused = "" +
	"0POP 1POP_MARK 2DUP FFLOAT IINT LLONG PPERSID SSTRING TBINSTRING VUNICODE dDICT gGET iINST lLIST oOBJ pPUT " +
	"\x82EXT1 \x83EXT2 \x84EXT4 \x8bLONG4 \x8fEMPTY_SET \x90ADDITEMS \x91FROZENSET \x92NEWOBJ_EX \x96BYTEARRAY8 " +
	"\x97NEXT_BUFFER \x98READONLY_BUFFER"
