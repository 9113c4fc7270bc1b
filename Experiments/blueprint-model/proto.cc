#include "match.h"
#include "model.h"
#include <time.h>
#include <map>
#include <array>
#include <string>
#include <fstream>
float*COST;i64 CX;
static vector<u8> rd(const char*f){FILE*h=fopen(f,"rb");fseek(h,0,2);i64 n=ftell(h);rewind(h);vector<u8>v(n+64);if(fread(v.data(),1,n,h)!=(size_t)n)exit(1);v.resize(n);v.reserve(n+64);fclose(h);return v;}
static double now(){timespec t;clock_gettime(CLOCK_PROCESS_CPUTIME_ID,&t);return t.tv_sec+t.tv_nsec*1e-9;}
int W=12,STEP=1,MINGAIN=8;
// bsdiff-like covers
vector<Cover> covers(const vector<u8>&O,const vector<u8>&N){
  const u8*o=O.data(),*n=N.data(); i64 on=O.size(),nn=N.size();
  int bits=20; while((1ll<<bits)*4<on/STEP) bits++; 
  Index big(o,on,32,max(16,bits-2),8), ix(o,on,W,bits,STEP);
  vector<Cover> c; i64 scan=0,last=0,lastpos=0; 
  // current cover exact region ends at scanend; diag = lastpos-last
  i64 diag=0; i64 curEnd=0; // exact matched up to curEnd on diag
  i64 prevEnd=0;
  vector<Cover> exact;
  i64 pos=0;
  while(pos+max(W,8)<=nn){
    // try the diagonal first: cheap
    i64 best=0,bo=0,bback=0;
    auto tryc=[&](i64 p){ if(p+8>on)return; i64 f=eqf(n+pos,o+p,min(nn-pos,on-p)); if(f<W&&f<8) return; i64 bk=eqb(n+pos,o+p,min(pos-prevEnd,p)); if(f+bk>best+bback){best=f;bo=p;bback=bk;} };
    i64 dp=pos+diag; i64 dl=0;
    if(dp>=0&&dp<on) dl=eqf(n+pos,o+dp,min(nn-pos,on-dp));
    if(dl>=32){ best=dl;bo=dp;bback=eqb(n+pos,o+dp,min(pos-prevEnd,dp)); }
    else { if(pos+32<=nn){u32*b=&big.t[(size_t)big.h(n+pos)*4]; for(int k=0;k<4;k++) if(b[k]) tryc(b[k]-1);} 
      u32*b=&ix.t[(size_t)ix.h(n+pos)*4]; for(int k=0;k<4;k++) if(b[k]) tryc(b[k]-1); if(dl>=8&&dl+8>=best){best=dl;bo=dp;bback=eqb(n+pos,o+dp,min(pos-prevEnd,dp));} }
    if(best+bback>=W || (best&&bo-pos==diag)){
      if(bo-pos!=diag){
        // how many would match on the current diagonal over the same range?
        i64 s=0; for(i64 i=pos-bback;i<pos+best&&i-(pos-bback)<4096;i++){i64 q=i+diag; if(q>=0&&q<on&&n[i]==o[q])s++;}
        i64 lim=min<i64>(best+bback,4096);
        if(lim<s+MINGAIN){pos++;continue;}
      }
      exact.push_back({pos-bback,bo-bback,best+bback}); diag=bo-pos; pos+=best; prevEnd=pos;
    } else pos++;
  }
  // merge/extend approx
  vector<Cover> r;
  for(size_t k=0;k<exact.size();k++){
    auto e=exact[k];
    if(!r.empty()){ auto&l=r.back(); 
      i64 gs=l.n+l.len, ge=e.n; i64 gap=ge-gs;
      if(l.o-l.n==e.o-e.n && gap<=256*16){ // join if it pays
        i64 m=0; for(i64 i=0;i<gap;i++) m+=n[gs+i]==o[gs+i+(l.o-l.n)];
        if(m*2>=gap||gap<=16){l.len+=gap+e.len;continue;} }
      // forward extension
      i64 s=0,bs=0,lf=0; for(i64 i=0;i<gap&&l.o+l.len+i<on;){ if(o[l.o+l.len+i]==n[gs+i])s++; i++; if(s*2-i>bs*2-lf){bs=s;lf=i;} if(s*2-i< bs*2-lf-64)break; }
      i64 lb=0; s=0;bs=0; for(i64 i=1;i<=gap&&e.o>=i;i++){ if(o[e.o-i]==n[ge-i])s++; if(s*2-i>bs*2-lb){bs=s;lb=i;} if(s*2-i<bs*2-lb-64)break; }
      if(lf+lb>gap){ i64 ov=lf+lb-gap; i64 s2=0,b2=0,ls=0; for(i64 i=0;i<ov;i++){ if(n[gs+lf-ov+i]==o[l.o+l.len+lf-ov+i])s2++; if(n[ge-lb+i]==o[e.o-lb+i])s2--; if(s2>b2){b2=s2;ls=i+1;} } lf+=ls-ov; lb-=ls; }
      l.len+=lf; e.n-=lb;e.o-=lb;e.len+=lb;
    }
    r.push_back(e);
  }
  return r;
}
int main(int c,char**v){ vector<u8>O=rd(v[1]),N=rd(v[2]); int T=64; for(int i=3;i<c;i++){ if(v[i][0]=='W')W=atoi(v[i]+1); if(v[i][0]=='S')STEP=atoi(v[i]+1); if(v[i][0]=='T')T=atoi(v[i]+1); if(v[i][0]=='G')MINGAIN=atoi(v[i]+1);}
 double t0=now(); auto cv=covers(O,N); double t1=now();
 i64 lit=N.size(),diffs=0; for(auto&k:cv){lit-=k.len; for(i64 i=0;i<k.len;i++)diffs+=O[k.o+i]!=N[k.n+i];}
 printf("covers %zu literal %lld diffs %lld match %.2fs\n",cv.size(),(long long)lit,(long long)diffs,t1-t0);
 // ops: list of (kind,len,addr): copy exact runs >=T
 vector<Op> ops; i64 p=0; for(auto&k:cv){ if(k.n>p)ops.push_back({2,k.n-p,0}); i64 i=0,a=0; while(i<k.len){ i64 f=eqf(&N[k.n+i],&O[k.o+i],k.len-i); if(f>=T){ if(i>a)ops.push_back({1,i-a,k.o+a}); ops.push_back({0,f,k.o+i}); i+=f;a=i;} else {i+=f; while(i<k.len&&N[k.n+i]!=O[k.o+i])i++;} } if(k.len>a)ops.push_back({1,k.len-a,k.o+a}); p=k.n+k.len; } if(p<(i64)N.size())ops.push_back({2,(i64)N.size()-p,0});
 for(int x=0;x<3;x++){i64 cnt=0,len=0;for(auto&q:ops)if(q.k==x){cnt++;len+=q.len;} printf(" %s: %lld ops %lld bytes\n",x==0?"copy":x==1?"add":"lit",(long long)cnt,(long long)len);}
 if(getenv("DUMP")){ FILE*f=fopen("diff.bin","wb"),*g=fopen("lit.bin","wb"); for(auto&q:ops){} i64 n=0; for(auto&q:ops){ if(q.k==1)for(i64 i=0;i<q.len;i++)fputc((u8)(N[n+i]-O[q.o+i]),f); if(q.k==2)fwrite(&N[n],1,q.len,g); n+=q.len;} fclose(f);fclose(g);}
 if(getenv("MAP"))COST=(float*)calloc(N.size()+1,4);
 if(getenv("OPS")){FILE*f=fopen(getenv("OPS"),"wb");for(auto&q:ops){i64 w[3]={q.k,q.len,q.o};fwrite(w,8,3,f);}fclose(f);return 0;}
 double t2=now(); encodeAll(O,N,ops); double t3=now(); printf("code %.2fs\n",t3-t2);
 if(COST){ vector<u8> kind(N.size()); i64 p=0; for(auto&q:ops){memset(&kind[p],q.k,q.len);p+=q.len;} map<string,array<double,7>> M; ifstream f(getenv("MAP")); i64 a,l; string c; vector<char> seen(N.size()); while(f>>a>>l>>c){ auto&r=M[c]; for(i64 i=a;i<a+l&&i<(i64)N.size();i++){ r[0]++; r[1+kind[i]]++; r[4+kind[i]]+=COST[i]/8; seen[i]=1; } } auto&r=M["OTHER"]; for(i64 i=0;i<(i64)N.size();i++)if(!seen[i]){r[0]++;r[1+kind[i]]++;r[4+kind[i]]+=COST[i]/8;} vector<pair<double,string>> v; for(auto&k:M)v.push_back({k.second[4]+k.second[5]+k.second[6],k.first}); sort(v.rbegin(),v.rend()); for(int i=0;i<16&&i<(int)v.size();i++){auto&r=M[v[i].second]; printf("  %-22s cost %9.0f size %10.0f add %9.0f->%8.0f lit %9.0f->%8.0f\n",v[i].second.c_str(),v[i].first,r[0],r[2],r[4]+r[5],r[3],r[6]);} }
}
