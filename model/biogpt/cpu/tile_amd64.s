#include "textflag.h"

// Each function below adds the product of a number of rows to y: y[r*yr+c] += sum over i < k of x[r*xr+i] * w[i*16+c], c < 16.
// It asks for the memory from ahead on, step bytes for every i: the next panel is on its way while this one is used.
//
// Two registers hold the sixteen sums of a row. Y12 and Y13 hold a line of w, Y14 a value of x, eight times. The sums start at
// zero and are added to y last, in every function alike: the bits of a row do not depend on how many rows are computed with it.

// R9 and R8 are the distances of rows of x and y in bytes, R11 and R13 the fourth rows.
#define ARGS \
	MOVQ k+0(FP), CX \
	MOVQ x+8(FP), SI \
	MOVQ xr+16(FP), R9 \
	SHLQ $2, R9 \
	MOVQ w+24(FP), DI \
	MOVQ y+32(FP), DX \
	MOVQ yr+40(FP), R8 \
	SHLQ $2, R8 \
	LEAQ (SI)(R9*2), R11 \
	ADDQ R9, R11 \
	LEAQ (DX)(R8*2), R13 \
	ADDQ R8, R13 \
	MOVQ ahead+48(FP), AX \
	MOVQ step+56(FP), BX

#define ZERO(a, b) \
	VXORPS a, a, a \
	VXORPS b, b, b

#define LINE \
	VMOVUPS (DI), Y12 \
	VMOVUPS 32(DI), Y13 \
	ADDQ $64, DI \
	PREFETCHT0 (AX) \
	ADDQ BX, AX

#define MUL(at, a, b) \
	VBROADCASTSS at, Y14 \
	VFMADD231PS Y12, Y14, a \
	VFMADD231PS Y13, Y14, b

#define NEXT \
	ADDQ $4, SI \
	ADDQ $4, R11 \
	DECQ CX

#define ADD(a, b) \
	VADDPS (DX), a, a \
	VADDPS 32(DX), b, b \
	VMOVUPS a, (DX) \
	VMOVUPS b, 32(DX) \
	ADDQ R8, DX

// func tile1(k int, x *float32, xr int, w, y *float32, yr int, ahead *float32, step int)
TEXT ·tile1(SB), NOSPLIT, $0-64
	ARGS
	PREFETCHT0 (DX)
	ZERO(Y0, Y1)
	PCALIGN $32
loop:
	LINE
	MUL((SI), Y0, Y1)
	NEXT
	JNZ loop
	ADD(Y0, Y1)
	VZEROUPPER
	RET

// func tile2(k int, x *float32, xr int, w, y *float32, yr int, ahead *float32, step int)
TEXT ·tile2(SB), NOSPLIT, $0-64
	ARGS
	PREFETCHT0 (DX)
	PREFETCHT0 (DX)(R8*1)
	ZERO(Y0, Y1)
	ZERO(Y2, Y3)
	PCALIGN $32
loop:
	LINE
	MUL((SI), Y0, Y1)
	MUL((SI)(R9*1), Y2, Y3)
	NEXT
	JNZ loop
	ADD(Y0, Y1)
	ADD(Y2, Y3)
	VZEROUPPER
	RET

// func tile3(k int, x *float32, xr int, w, y *float32, yr int, ahead *float32, step int)
TEXT ·tile3(SB), NOSPLIT, $0-64
	ARGS
	PREFETCHT0 (DX)
	PREFETCHT0 (DX)(R8*1)
	PREFETCHT0 (DX)(R8*2)
	ZERO(Y0, Y1)
	ZERO(Y2, Y3)
	ZERO(Y4, Y5)
	PCALIGN $32
loop:
	LINE
	MUL((SI), Y0, Y1)
	MUL((SI)(R9*1), Y2, Y3)
	MUL((SI)(R9*2), Y4, Y5)
	NEXT
	JNZ loop
	ADD(Y0, Y1)
	ADD(Y2, Y3)
	ADD(Y4, Y5)
	VZEROUPPER
	RET

// func tile4(k int, x *float32, xr int, w, y *float32, yr int, ahead *float32, step int)
TEXT ·tile4(SB), NOSPLIT, $0-64
	ARGS
	PREFETCHT0 (DX)
	PREFETCHT0 (DX)(R8*1)
	PREFETCHT0 (DX)(R8*2)
	PREFETCHT0 (R13)
	ZERO(Y0, Y1)
	ZERO(Y2, Y3)
	ZERO(Y4, Y5)
	ZERO(Y6, Y7)
	PCALIGN $32
loop:
	LINE
	MUL((SI), Y0, Y1)
	MUL((SI)(R9*1), Y2, Y3)
	MUL((SI)(R9*2), Y4, Y5)
	MUL((R11), Y6, Y7)
	NEXT
	JNZ loop
	ADD(Y0, Y1)
	ADD(Y2, Y3)
	ADD(Y4, Y5)
	ADD(Y6, Y7)
	VZEROUPPER
	RET

// func tile5(k int, x *float32, xr int, w, y *float32, yr int, ahead *float32, step int)
TEXT ·tile5(SB), NOSPLIT, $0-64
	ARGS
	PREFETCHT0 (DX)
	PREFETCHT0 (DX)(R8*1)
	PREFETCHT0 (DX)(R8*2)
	PREFETCHT0 (R13)
	PREFETCHT0 (R13)(R8*1)
	ZERO(Y0, Y1)
	ZERO(Y2, Y3)
	ZERO(Y4, Y5)
	ZERO(Y6, Y7)
	ZERO(Y8, Y9)
	PCALIGN $32
loop:
	LINE
	MUL((SI), Y0, Y1)
	MUL((SI)(R9*1), Y2, Y3)
	MUL((SI)(R9*2), Y4, Y5)
	MUL((R11), Y6, Y7)
	MUL((R11)(R9*1), Y8, Y9)
	NEXT
	JNZ loop
	ADD(Y0, Y1)
	ADD(Y2, Y3)
	ADD(Y4, Y5)
	ADD(Y6, Y7)
	ADD(Y8, Y9)
	VZEROUPPER
	RET

// func tile6(k int, x *float32, xr int, w, y *float32, yr int, ahead *float32, step int)
TEXT ·tile6(SB), NOSPLIT, $0-64
	ARGS
	PREFETCHT0 (DX)
	PREFETCHT0 (DX)(R8*1)
	PREFETCHT0 (DX)(R8*2)
	PREFETCHT0 (R13)
	PREFETCHT0 (R13)(R8*1)
	PREFETCHT0 (R13)(R8*2)
	ZERO(Y0, Y1)
	ZERO(Y2, Y3)
	ZERO(Y4, Y5)
	ZERO(Y6, Y7)
	ZERO(Y8, Y9)
	ZERO(Y10, Y11)
	PCALIGN $32
loop:
	LINE
	MUL((SI), Y0, Y1)
	MUL((SI)(R9*1), Y2, Y3)
	MUL((SI)(R9*2), Y4, Y5)
	MUL((R11), Y6, Y7)
	MUL((R11)(R9*1), Y8, Y9)
	MUL((R11)(R9*2), Y10, Y11)
	NEXT
	JNZ loop
	ADD(Y0, Y1)
	ADD(Y2, Y3)
	ADD(Y4, Y5)
	ADD(Y6, Y7)
	ADD(Y8, Y9)
	ADD(Y10, Y11)
	VZEROUPPER
	RET
