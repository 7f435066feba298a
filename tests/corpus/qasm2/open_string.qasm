include "qelib1.inc
";