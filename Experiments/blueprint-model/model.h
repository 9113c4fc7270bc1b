#include <cctype>
#pragma once
#include "match.h"
#include <cmath>
struct Op{int k;i64 len;i64 o;};
static int SQ[4096]; static short ST[4096];
static void tables(){ for(int i=0;i<4096;i++){ double x=(i-2048)/256.0; int p=(int)(4096/(1+exp(-x))); SQ[i]=min(4095,max(1,p)); } for(int p=0;p<4096;p++){ double q=(p+0.5)/4096; int s=(int)lround(log(q/(1-q))*256); ST[p]=max(-2047,min(2047,s)); } }
extern float*COST; extern i64 CX; static float*COSTP; struct Enc{ double bits=0; double*acc=nullptr; void code(int bit,u32 p16){ double q=bit?p16/65536.0:1-p16/65536.0; double b=-log2(q); bits+=b; if(acc)*acc+=b; if(COST)COST[CX]+=b; } };
static Enc E;
// slot: 22 bit p, 10 bit count
static u32 RC[1024];
struct Mixer{ // N inputs
  int N; vector<int> w; int lr; Mixer(int N,int sets,int lr=6):N(N),w(N*sets,(int)(65536*0.35)),lr(lr){}
};
static int LIMIT=255;
static inline void upd(u32&s,int bit){ u32 n=s&1023,p=s>>10; if(bit)p+=(i64)((1<<22)-1-p)*RC[n]>>16; else p-=(i64)p*RC[n]>>16; if((int)n<LIMIT)n++; s=p<<10|n; }
static inline int codeBit(int bit,u32**s,int N,int*w,int lr,u32*apm=nullptr){
  int st[10]; i64 dot=0; for(int i=0;i<N;i++){ int n=*s[i]&1023; int x=ST[*s[i]>>20]; if(n==0)x=0; else if(n<3) x=x*(n+1)/4; st[i]=x; dot+=(i64)x*w[i]; }
  int x=dot>>16; x=max(-2047,min(2047,x)); 
  // finer p
  double pf=1/(1+exp(-x/256.0)); u32 p=(u32)(pf*65536); p=max<u32>(24,min<u32>(65536-24,p));
  E.code(bit,p);
  int err=((bit<<16)-(int)p); // 16 bit
  for(int i=0;i<N;i++){ w[i]+=((i64)st[i]*err*lr)>>16; upd(*s[i],bit);} 
  return bit;
}
struct Ctx{ vector<u32> t; u32 mask; Ctx(int bits):t(1u<<bits,(1u<<31)|0),mask((1u<<bits)-1){} u32*at(u32 h){return &t[h&mask];} };
static inline u32 H(u32 a,u32 b=0,u32 c=0,u32 d=0){ u32 h=a*0x9E3779B1u; h=(h^b)*0x85EBCA6Bu; h^=h>>15; h=(h^c)*0xC2B2AE35u; h^=h>>13; h=(h^d)*0x27D4EB2Fu; return h^(h>>16); }
// adaptive number coder (Exp-Golomb with adaptive bits), plain
struct Num{ vector<u32> t; Num(int ctxs):t(ctxs*(64+64*64*0+4096),1u<<31){} };
static void bitA(u32&s,int bit){ u32 p=s>>16; p=max(32u,min(65504u,p)); E.code(bit,p); upd(s,bit);} 
static void num(vector<u32>&t,int ctx,u64 v){ // v>=0
  if(t.empty())t.assign(1<<16,1u<<31); u32*b=&t[ctx*2048]; v++; int nb=63-__builtin_clzll(v); 
  for(int i=0;i<nb;i++)bitA(b[min(i,40)],1); bitA(b[min(nb,40)],0);
  u32 node=1; for(int i=nb-1;i>=0;i--){ int x=v>>i&1; int depth=nb-1-i; if(depth<4) bitA(b[64+nb*32+node],x); else bitA(b[64+nb*32+16+min(depth,15)],x); node=node*2+x; } }
#include <unordered_map>
static void encodeAll(const vector<u8>&O,const vector<u8>&N,const vector<Op>&ops){
  tables(); for(int i=0;i<1024;i++)RC[i]=(u32)(65536/(i+1.6));
  const u8*n=N.data(),*o=O.data();
  double bo=0,bflag=0,besc=0,blit=0,blitf=0; 
  // --- ops
  {E.acc=&bo; vector<u32> t(1<<17,1u<<31); static u32 km[64]; for(auto&x:km)x=1u<<31; int k1=0,k2=0; i64 pos=0,diag=0; int lastdz=1; vector<u32> nt; vector<u32> dz(64,1u<<31);
   int lastlen[3]={0,0,0};
   for(auto&q:ops){ CX=pos; int c=k1*4+k2; if(k1!=2||1){ bitA(km[c],q.k==0); if(q.k!=0)bitA(km[32+c],q.k==1);} 
     num(nt,q.k*8+ (q.k==0?min(7,lastlen[1]):min(7,lastlen[0]/2)),q.len-1); int lg=63-__builtin_clzll(q.len); lastlen[q.k]=lg;
     if(q.k!=2){ i64 d=q.o-pos-diag; bitA(dz[k1*3+q.k],d!=0); if(d){ u64 z=d>0?2*d:-2*d-1; num(nt,24,z-1);} diag=q.o-pos; }
     pos+=q.len; k2=k1;k1=q.k; } }
  // --- bytes
  Ctx f0(16),f1(18),f2(18),f3(18),f4(16),f5(18); Ctx f6(18),f7(20),f8(20),f9(20); Mixer fm(10,4096,10);
  Ctx e0(18),e1(20),e2(20),e3(20),e4(20),e5(20); Ctx e6(20),e7(22),e8(22),e9(22); Mixer em(10,256*16,6);
  Ctx l1(16),l2(20),l3(22),l4(22),l6(22),lw(22); Mixer lm(6,256*3,6);
  vector<u32> mh(1<<20,0); // match model over new (history) 
  unordered_map<u64,i64> shx; vector<i64> shr(1<<16,INT64_MIN); i64 lastshift=0;
  vector<u32> mf(1<<16,1u<<31);
  i64 pos=0; i64 nadd=0,nmiss=0,nfieldHit=0,nfield=0;
  i64 mp=0; int ml=0;
  // map old->new diag for covers
  struct Seg{i64 o,len,diag;}; vector<Seg> segs; { i64 p=0; for(auto&q:ops){ if(q.k!=2){ if(!segs.empty()&&segs.back().diag==p-q.o&&segs.back().o+segs.back().len==q.o)segs.back().len+=q.len; else segs.push_back({q.o,q.len,p-q.o}); } p+=q.len; } sort(segs.begin(),segs.end(),[](const Seg&a,const Seg&b){return a.o<b.o;}); }
  u32 hist=0; i64 lastMissDist=0; u32 dl1=0,dl2=0; // last two nonzero diffs
  static bool NOREL=getenv("NOREL"),NOBASE=getenv("NOBASE");
  for(auto&q:ops){
   if(q.k==0){ pos+=q.len; hist=0; lastMissDist=255; ml=0; continue; }
   if(q.k==1){ 
     int fj=-1; u8 fp[4]; int fsrc=0; i64 fTo=0; u32 fok=0; u64 fkey=0;
     for(i64 i=0;i<q.len;i++){ i64 a=q.o+i, x=pos+i; CX=x; u8 b=o[a], y=n[x]; u8 c1=x?n[x-1]:0,c2=x>1?n[x-2]:0,c3=x>2?n[x-3]:0; 
       u8 b1=a+1<(i64)O.size()?o[a+1]:0;
       if(fj<0&&!NOREL&&a+4<=(i64)O.size()){ bool call=c1==0xE8||c1==0xE9; bool jcc=c2==0x0F&&(c1&0xF0)==0x80; bool rip=(c1&0xC7)==0x05&&(c2==0x8d||c2==0x8b||c2==0x89||c2==0xff||c2==0x3b||c2==0x39||c2==0x0f||c2==0x10||c2==0x11||c2==0x28||c2==0x29||c2==0x6f||c2==0x7f||c2==0x83||c2==0x80||c2==0xc7||c2==0xc6||c2==0x58||c2==0x59||c2==0x5c||c2==0x5e||c2==0x2e||c2==0x2f||c2==0x3a||c2==0x38||c2==0x85||c2==0x01||c2==0x03||c2==0xef||c2==0xdb||c2==0xeb||c2==0x54||c2==0x57); 
         if(call||jcc||rip){ int r; memcpy(&r,o+a,4); i64 To=a+4+r; fTo=To; i64 sh; fsrc=0; auto it=shx.find(To); 
            if(it!=shx.end()){sh=it->second;fsrc=1;} 
            else { // map
              size_t lo=0,hi=segs.size(); while(lo<hi){size_t m=(lo+hi)/2; if(segs[m].o<=To)lo=m+1;else hi=m;} 
              if(lo>0&&To<segs[lo-1].o+segs[lo-1].len+32&&!rip){sh=segs[lo-1].diag;fsrc=2;}
              else { i64 v=shr[(To>>12)&65535]; if(v!=INT64_MIN){sh=v;fsrc=3;} else {sh=lastshift;fsrc=4;} } }
            fsrc=fsrc*2+(rip?1:0);
            int rn=(int)(To+sh-x-4); memcpy(fp,&rn,4); fj=0; fok=0; nfield++; } }
       u8 p1=fj>=0?fp[fj]:b; 
       nadd++;
       E.acc=&bflag;
       int miss=0; u32 fc= fj>=0? (fj+1)+5*fsrc+ 64*min(fok,15u):0;
       u32 bb=NOBASE?0:b, bb1=NOBASE?0:b1; const u8*op=o+a; 
       u32 W0=*(u32*)op, Wm=a?*(u32*)(op-1):0, W1=*(u32*)(op+1)&0xffffff, bbm=a?op[-1]:0; 
       auto D=[&](int k)->u32{return i>=k?(u8)(n[x-k]-op[-k]):0;};
       {
         u32*s[10]={f0.at(H(hist&255,fc)),f1.at(H(bb|256,c1,fc&63)),f2.at(H(bb,c1|512,c2,fc&63)),f3.at(H(c1|1024,c2,c3,bb)),f4.at(H(min<i64>(lastMissDist,40)|2048,dl1,fc&63)),f5.at(H(bb|4096,bb1,c1,hist&15)),f6.at(H(D(24),D(8),D(4),hist&7)),f7.at(H(W0,7,hist&3)),f8.at(H(Wm,hist&1,8)),f9.at(H(W1,9,hist&3,bbm))};
         int set=min<i64>(lastMissDist,15)*8+(fj+1)+ 128*fsrc;
         if(p1!=b||fj<0){ miss=codeBit(y!=p1,s,6,&fm.w[set*10],fm.lr); }
         else miss=codeBit(y!=p1,s,10,&fm.w[set*10],fm.lr);
         if(miss&&p1!=b){ u32 h2=H(0x7777,fc); u32*s2[2]={f0.at(h2),f1.at(H(0x8888,fc,b,c1))}; int set2=2048+fsrc; codeBit(y!=b,s2,2,&fm.w[set2*10],fm.lr); if(y==b)miss=2; }
       }
       int dm=y!=b; 
       if(miss==1){ nmiss++; E.acc=&besc; u8 d=y-b; u32 node=1; int pj=fj>=0?fj+1:0;
         u32 c[10]={H(dl1,lastMissDist<4?lastMissDist:4,pj)*1u,H(bb|256,dl1,dl2,min<i64>(lastMissDist,4)),H(bb|512,c1),H(c1|1024,c2,bb),H(hist&15,bb1,bb,2048),H(p1|4096,fj+1,(u8)(p1-b)),H(D(24),D(8),D(4),hist&3),H(W0,hist&1,7),H(Wm,hist&1,8),H(W1,9,hist&1)};
         for(int k=7;k>=0;k--){ int bit=d>>k&1; u32 nd=node*0x9E3779B1u; u32*s[10]={e0.at(c[0]+nd),e1.at(c[1]+nd),e2.at(c[2]+nd),e3.at(c[3]+nd),e4.at(c[4]+nd),e5.at(c[5]+nd),e6.at(c[6]+nd),e7.at(c[7]+nd),e8.at(c[8]+nd),e9.at(c[9]+nd)};
           codeBit(bit,s,10,&em.w[((pj*3+(lastMissDist<2?lastMissDist:2))*8+(7-k))*10],em.lr); node=node*2+bit; } }
       if(dm){ dl2=dl1; dl1=(u8)(y-b); lastMissDist=0; } else lastMissDist++;
       hist=hist<<1|(dm);
       if(fj>=0){ if(y!=p1) fok=min(15u,fok+1+(fok==0?4:0)); fj++; if(fj==4){ int rn; memcpy(&rn,n+x-3,4); i64 sh=(x-3)+4+rn-fTo; if(fsrc&1?1:1){shx[fTo]=sh; shr[(fTo>>12)&65535]=sh; if(fsrc&1)lastshift=sh;} if(fok==0)nfieldHit++; fj=-1; } }
     }
     ml=0;
   } else { // literal
     i64 gap0=max<i64>(0,pos-32);
     for(i64 i=0;i<q.len;i++){ i64 x=pos+i; CX=x; u8 y=n[x]; u32 c4= x>=4? *(u32*)(n+x-4):0; 
       auto ord=[&](int k){return k==4?c4:c4>>(32-8*k);};
       u32 c6=x>=6? H(c4,*(u32*)(n+x-6)&0xffff):0;
       // match model on new history
       if(x>=6){ u32 h=H(c4,n[x-5],n[x-6])>>12; if(ml==0){ mp=mh[h]; if(mp){ while(ml<32&&mp-ml>0&&n[mp-1-ml]==n[x-1-ml])ml++; if(ml<5)ml=0; } } mh[h]=x; }
       if(ml>0){ E.acc=&blitf; u8 p=n[mp]; bitA(mf[min(ml,31)*256+p],y==p); if(y==p){ml=min(ml+1,63);mp++; continue;} ml=0; mp=0; }
       E.acc=&blit; u32 node=1; u32 c[6]={ord(1),H(ord(2),2),H(ord(3),3),H(c4,4),H(c6,6),H(0,x&3)};
       // word ctx
       { u32 w=0; for(i64 z=x-1;z>=0&&z>x-12;z--){u8 ch=n[z]; if(!isalnum(ch)&&ch!='_')break; w=w*271+ch;} c[5]=H(w,c4>>24,7);} 
       Ctx*cx[6]={&l1,&l2,&l3,&l4,&l6,&lw};
       for(int k=7;k>=0;k--){ int bit=y>>k&1; u32*s[6]; for(int j=0;j<6;j++)s[j]=cx[j]->at(j==0?c[0]*256+node:c[j]+node*0x9E3779B1u); codeBit(bit,s,6,&lm.w[node*6],lm.lr); node=node*2+bit; }
       
     } }
   pos+=q.len; if(q.k==2){hist=0;lastMissDist=255;}
  }
  printf("ops %.0f flags %.0f esc %.0f lit %.0f litflag %.0f total %.0f | add bytes %lld miss %lld fields %lld hit %lld\n",bo/8,bflag/8,besc/8,blit/8,blitf/8,E.bits/8,(long long)nadd,(long long)nmiss,(long long)nfield,(long long)nfieldHit);
}
