class P { id(){return 'told';}
 async callApi(prompt, context){ const a=context.vars.answer; 
  if(a==='slow') await new Promise(r=>setTimeout(r,80));
  const r={output:a, tokenUsage:{}};
  if(a==='cheap') r.cost=0.001; if(a==='dear') r.cost=0.5; 
  if(a==='stopped') r.finishReason='stop'; if(a==='cut') r.finishReason='length';
  return r; } }
module.exports=P;
