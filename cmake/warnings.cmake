# Flags for our own targets only; linked PRIVATE, so that hosts never inherit
# a warning level or a sanitizer from us.
add_library(muster_flags INTERFACE)
target_compile_options(
  muster_flags
  INTERFACE -Wall
            -Wextra
            -Wpedantic
            -fstack-protector-strong
            -fcf-protection
            $<$<CXX_COMPILER_ID:GNU>:-fstack-clash-protection>)
target_compile_definitions(muster_flags INTERFACE _GLIBCXX_ASSERTIONS)
target_link_options(muster_flags INTERFACE -Wl,-z,relro,-z,now)

if(MUSTER_SANITIZE)
  # The null and vptr checks fire inside CAF's own headers.
  set(sanitize -fsanitize=${MUSTER_SANITIZE} -fno-sanitize=null,vptr -fno-sanitize-recover=all
               -fno-omit-frame-pointer)
  if(MUSTER_SANITIZE MATCHES thread)
    set(sanitize -fsanitize=thread -fno-omit-frame-pointer)
  endif()
  target_compile_options(muster_flags INTERFACE ${sanitize})
  target_link_options(muster_flags INTERFACE ${sanitize})
else()
  target_compile_definitions(muster_flags INTERFACE $<$<NOT:$<CONFIG:Debug>>:_FORTIFY_SOURCE=2>)
endif()

# Fuzzers follow where our libraries go; that tests say where they go, too, would
# cost a third of the time a test compiles. Linked by the libraries alone.
add_library(muster_coverage INTERFACE)
if(MUSTER_FUZZ)
  target_compile_options(muster_coverage INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(muster_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
