echo out > /dev/stdout
echo err > /dev/stderr
echo both | tee /dev/stderr
