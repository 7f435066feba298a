# Everything that can be linked together, as one object: the libraries, the bindings and the tests.
# Compilers see one file at a time; only here does g++ compare types of one name from different files.
set(odr_objects "")
foreach(target ketgrad_qsim ketgrad_qml ketgrad_python ketgrad_tests)
  if(TARGET ${target})
    list(APPEND odr_objects "$<FILTER:$<TARGET_OBJECTS:${target}>,EXCLUDE,\\.gch$>")
  endif()
endforeach()
set(odr_program ${CMAKE_CURRENT_BINARY_DIR}/ketgrad_odr.o)
add_custom_command(OUTPUT ${odr_program}
  COMMAND ${CMAKE_CXX_COMPILER} -O0 -flto -flto-partition=none -r -flinker-output=nolto-rel
    -Werror=odr -Werror=lto-type-mismatch -o ${odr_program} ${odr_objects}
  DEPENDS ${odr_objects} COMMAND_EXPAND_LISTS VERBATIM)
add_custom_target(ketgrad_odr DEPENDS ${odr_program})
