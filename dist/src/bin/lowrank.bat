@echo off
rem Starts Lowrank from its zip; needs Java 17 or later and nothing else.
setlocal
set "java=java"
if defined JAVA_HOME set "java=%JAVA_HOME%\bin\java"
if not defined TF_CPP_MIN_LOG_LEVEL set TF_CPP_MIN_LOG_LEVEL=3
"%java%" -Xmx2g ${jvm.flags} ${javacpp.flags} ^
  -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -Djava.awt.headless=true -Dlowrank.commit=${lowrank.commit} %LOWRANK_JAVA_OPTS% ^
  -cp "%~dp0..\lib\*" ${lowrank.main} %*
