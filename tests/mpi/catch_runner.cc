// What the dense reference takes of Catch2; the program has a main of its own.
#if !__has_include(<catch2/catch_test_macros.hpp>)
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>
#endif
