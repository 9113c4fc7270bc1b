#pragma once
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>
#include <algorithm>
using namespace std; typedef uint8_t u8; typedef uint16_t u16; typedef uint32_t u32; typedef uint64_t u64; typedef int64_t i64;
struct Cover{ i64 n,o,len; };
static inline u64 ld8(const u8*p){u64 v;memcpy(&v,p,8);return v;}
static inline i64 eqf(const u8*a,const u8*b,i64 lim){i64 i=0;while(i+8<=lim){u64 x=ld8(a+i)^ld8(b+i);if(x)return i+(__builtin_ctzll(x)>>3);i+=8;}while(i<lim&&a[i]==b[i])i++;return i;}
static inline i64 eqb(const u8*a,const u8*b,i64 lim){i64 i=0;while(i<lim&&a[-1-i]==b[-1-i])i++;return i;}
// hash index with 2-way buckets of W-byte windows
struct Index{
  int W,bits; vector<u32> t; const u8*o; i64 on; 
  static const int WAYS=4;
  u32 h(const u8*p){u64 v=ld8(p); if(W<8)v<<=8*(8-W); u64 x=v*0x9E3779B97F4A7C15ull; if(W>8){u64 w=ld8(p+W-8); x^=(w*0xC2B2AE3D27D4EB4Full)>>7; x*=0x9E3779B97F4A7C15ull;} return x>>(64-bits);}
  Index(const u8*o,i64 on,int W,int bits,int step=1):W(W),bits(bits),t((size_t)WAYS<<bits,0),o(o),on(on){
    for(i64 i=0;i+max(W,8)<=on;i+=step){u32*b=&t[(size_t)h(o+i)*WAYS]; if(b[0]&&i-(i64)b[0]<16&&0)continue; for(int k=WAYS-1;k;k--)b[k]=b[k-1]; b[0]=i+1;}
  }
};
