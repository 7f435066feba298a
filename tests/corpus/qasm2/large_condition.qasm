OPENQASM 2.0;
include "qelib1.inc"; // ünïcode
qreg a[2]; qreg b[3]; creg c[2]; creg d[301];
gate foo(t, unused) x, y { rx (t*-0.5) x; cx x,y; barrier x,y; }
gate bar(t) x,y,z { foo(t/2, 1) x,y; foo(-t,2) y,z; }
bar(pi/3) a[0],b[1],b[2];
h a; cx a, b[0]; cu(0.1,0.2,0.3,0.4) a[0],a[1]; sx b;
if (c == 2) x a[0]; if(d==20370359763344860862684456706183397376) x b;
if (c==4) x a[0];
measure a -> c; reset b; barrier a,b[1]; c3x a[0],a[1],b[0],b[1]; csx a[0], b[0]; u0(1) a[0]; id b[2]; rccx a[0],a[1],b[0];
